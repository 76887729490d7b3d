"""What the README says is true: its configuration table, its first plugin."""

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest
import tomli_w

from keisei_core.config.tables import CORE_TABLES, DEFAULT_NAMES
from keisei_core.plugins import Kind, load_registry

ROOT = Path(__file__).parents[1]
NAMED = {
    "model": "name of the network",
    "decider": "name of what chooses the plies of self-play",
    "algorithm": "name of what learns from them",
    "optimizer": "name of the optimiser with its schedule",
    "precision": "name of the precision policy",
    "distribution": "name of the distribution backend",
}
OPTIONS_OF = {
    Kind.MODEL: "`[model]` of {}",
    Kind.DECIDER: "`[decider]` of {}",
    Kind.ALGORITHM: "`[algorithm]` of {}",
    Kind.OPTIMIZER: "`[optimizer]` of {}",
    Kind.TEACHER: "`[teaching.{}]`",
}
README = (ROOT / "README.md").read_text()


def rows(label: str, cls: type) -> list[str]:
    """The README's lines about the keys of one table, or of one model's options."""
    found = []
    for field in attrs.fields(cls):
        default = list(field.default) if isinstance(field.default, tuple) else field.default
        written = tomli_w.dumps({field.name: default}).strip().replace("\n", "").replace("    ", "").replace(",]", "]")
        found.append(f"| {label} | `{written}` | {field.metadata['help']} |")
    return found


def expected_rows() -> list[str]:
    lines = [f'| `[{table}]` | `name = "{name}"` | {NAMED[table]} |' for table, name in DEFAULT_NAMES.items()]
    lines += [line for table, cls in CORE_TABLES.items() for line in rows(f"`[{table}]`", cls)]
    for kind, label in OPTIONS_OF.items():
        for choice in load_registry().choices(kind):
            if choice.component.options is not None:
                lines += rows(label.format(choice.name), choice.load_options_class())
    return lines


@pytest.mark.parametrize("line", expected_rows())
def test_readme_lists_every_key_with_its_default_and_meaning(line):
    assert line in README.splitlines()


def test_installing_says_what_and_how_much_before_it_begins():
    """The size is the README's."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "VENV=elsewhere", "elsewhere/installed"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    first = done.stdout.splitlines()[0]
    assert re.search(
        "installing Keisei, torch .* into elsewhere: 1.4 GB, 5 GB where torch comes with CUDA; minutes", first
    )
    assert "The environment takes 1.4 GB on disk where torch is the one for CPUs" in README
    assert "and 5 GB where torch comes with CUDA" in README


def test_readme_has_no_blank_left_to_fill():
    assert not re.findall(r"@\w+@", README)


def test_readme_tells_the_strength_that_was_measured():
    """Its figures among engines from outside are those of the results: Elo with interval, points in their order."""
    told = " ".join(re.search(r"Where a network stands among.*?\n\n", README, re.DOTALL)[0].split())
    table = (ROOT / "docs" / "results" / "external_ladder.md").read_text(encoding="utf-8")
    rows = {
        row[0]: row[1:] for row in re.findall(r"^\| (\S+) \| (\d+) \| (\d+) to (\d+) \| (.*) \|$", table, re.MULTILINE)
    }
    elo, low, high, met = rows["docs/results/long_run/network"]
    points = dict(re.findall(r"(\S+) ([\d.]+/\d+)", met))
    opponents = ("usi:fairy-d1-s-5", "alphabeta:depth=2", "usi:fairy-d1-s-3", "usi:crazywa-d1")

    assert f"has {int(elo):,} [{int(low):,}, {int(high):,}]" in told
    assert re.findall(r"([\d.]+) of (\d+)", told) == [tuple(points[name].split("/")) for name in opponents]
    for name in ("usi:fairy-d1", "usi:gnushogi-d1"):
        assert f"({int(rows[name][0]):,})" in told


def test_readme_plugin_trains(tmp_path):
    """Its code, as it stands there, makes a plugin whose plane a run uses."""
    blocks = dict(
        re.findall(r"`(?:keisei_plugins_lead/)?(\w+\.(?:py|toml))`[^`]*?\n\n```\w+\n(.*?)```", README, re.DOTALL)
    )
    package, card = tmp_path / "keisei_plugins_lead", tmp_path / "keisei_plugins_lead-0.1.0.dist-info"
    package.mkdir()
    card.mkdir()
    for name in ("hooks.py", "planes.py"):
        (package / name).write_text(blocks[name])
    entry = re.search(r"\[project\.entry-points\.keisei\]\n(.*)\n", blocks["pyproject.toml"]).group(1).replace('"', "")
    (card / "METADATA").write_text("Metadata-Version: 2.4\nName: keisei-plugins-lead\nVersion: 0.1.0\n")
    (card / "entry_points.txt").write_text(f"[keisei]\n{entry}\n")
    (tmp_path / "keisei.toml").write_text("[model]\ntower_depth = 1\ntower_width = 8\n")

    done = subprocess.run(
        [sys.executable, "-m", "keisei_core", "check", "--input-features", "core46+lead"],
        cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ok: one update")
    assert re.search(r"features +lead +keisei-plugins-lead 0\.1\.0", done.stderr)
