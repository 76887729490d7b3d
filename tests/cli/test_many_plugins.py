"""With thirty plugins installed, looking at them still loads nothing heavy."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

STARTUP = Path(__file__).parents[2] / "benchmarks" / "startup.py"
SCRIPT = """
import sys
from keisei_core.cli import main
main(sys.argv[1:])
print("loaded", [name for name in ("torch", "numba", "numpy", "cattrs") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The thirty plugins of the benchmark, each with a module that would load torch."""
    spec = importlib.util.spec_from_file_location("startup", STARTUP)
    assert spec is not None
    assert spec.loader is not None
    startup = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(startup)
    folder = tmp_path_factory.mktemp("many")
    startup.make_plugins(folder, 30)
    return folder


@pytest.mark.parametrize("words", [("--help",), ("plugins", "list"), ("plugins", "show", "many7"), ("run", "--help")])
def test_nothing_heavy_is_loaded(many: Path, words: tuple[str, ...]) -> None:
    environment = os.environ | {"PYTHONPATH": str(many)}
    command = [sys.executable, "-c", SCRIPT, *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)

    assert done.stdout.splitlines()[-1] == "loaded []"


def test_all_are_listed(many: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(many)}
    command = [sys.executable, "-m", "keisei_core", "plugins", "list"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)

    assert sum(line.startswith("keisei-plugins-many-") for line in done.stdout.splitlines()) == 30
