"""Rules of the house that a reader can't see at a glance: imports go one way, light modules stay light."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import keisei_core

ROOT = Path(keisei_core.__file__).parent
ORDER = (
    "keisei_core",
    "shown",
    "errors",
    "streams",
    "output",
    "display",
    "first_compile",
    "config",
    "plugins",
    "records",
    "picture",
    "shogi",
    "observe",
    "precision",
    "distribution",
    "launching",
    "evaluate",
    "decide",
    "experience",
    "learn",
    "checkpoint",
    "migration",
    "arena",
    "opinion",
    "run",
    "card",
    "succession",
    "benchmark",
    "scoreboard",
    "warm",
    "testing",
    "cli",
    "__main__",
)
"""Each stop may import those before it; `builtin` and `templates` stand beside."""
BESIDE = {"builtin", "templates"}
LIGHT = [
    f"keisei_core{part}"
    for part in ("", ".shown", ".errors", ".streams", ".output", ".display", ".first_compile", ".builtin", ".__main__")
] + [
    ".".join(("keisei_core", *path.relative_to(ROOT).with_suffix("").parts))
    for area in ("config", "plugins", "launching", "cli")
    for path in sorted((ROOT / area).rglob("*.py"))
]


def stop_of(path: Path) -> str:
    """Returns which stop on the path a source file belongs to."""
    first = path.relative_to(ROOT).parts[0]
    return "keisei_core" if first == "__init__.py" else first.removesuffix(".py")


def imported_stops(path: Path) -> Iterator[str]:
    """Yields the stops that a file imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names = [f"{module}.{alias.name}" for alias in node.names] if module == "keisei_core" else [module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "keisei_core":
                stop = name.split(".")[1:2]
                yield stop[0] if stop and stop[0] in {*ORDER, *BESIDE} else "keisei_core"


SOURCES = sorted(ROOT.rglob("*.py"))


ON_THE_PATH = [path for path in SOURCES if stop_of(path) not in BESIDE]


@pytest.mark.parametrize("path", ON_THE_PATH, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    allowed = ORDER[: ORDER.index(stop_of(path)) + 1]

    assert set(imported_stops(path)) <= set(allowed)


def test_every_file_has_a_stop() -> None:
    assert {stop_of(path) for path in SOURCES} <= {*ORDER, *BESIDE}


def test_light_modules_load_neither_torch_nor_numba_nor_numpy() -> None:
    script = f"import importlib, sys\nfor name in {LIGHT!r}: importlib.import_module(name)\n"
    script += "print([name for name in ('torch', 'numba', 'numpy') if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout == "[]\n"
