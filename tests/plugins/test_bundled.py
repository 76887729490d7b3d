"""Which distributions come with Keisei, and that a name is one of theirs alone."""

from collections import Counter
from pathlib import Path

import tomli

from keisei_core.plugins import load_registry
from keisei_core.plugins.bundled import BUNDLED, canonical

ROOT = Path(__file__).parents[2]


def test_bundled_distributions_are_the_projects_own() -> None:
    forms = ("", "keisei_plugins_*/", "plugins/*/")
    projects = [path for form in forms for path in ROOT.glob(f"{form}pyproject.toml")]

    assert {canonical(tomli.loads(project.read_text())["project"]["name"]) for project in projects} == BUNDLED


def test_no_two_bundled_distributions_have_a_name_in_common() -> None:
    names = Counter(
        (kind, name)
        for plugin in load_registry().plugins
        if plugin.owner.is_bundled
        for kind, name, _ in plugin.provided()
    )

    assert {kind_and_name for kind_and_name, count in names.items() if count > 1} == set()
