"""Bundled algorithm, starts and teachers import public names only: what they do, another package can do."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("keisei_plugins_ppo", "keisei_plugins_starts", "keisei_plugins_teachers", "keisei_plugins_zero")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / "plugins" / package / "src").rglob("*.py"))


def names_not_public(path: Path) -> Iterator[str]:
    """Yields what a file imports from Keisei that no package of it exports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "keisei_core")
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "keisei_core":
            public = getattr(import_module(node.module or ""), "__all__", ())
            yield from (f"{node.module}.{alias.name}" for alias in node.names if alias.name not in public)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_package_imports_public_names_only(path: Path) -> None:
    assert list(names_not_public(path)) == []
