"""The examples of the pages keep their contracts: the tests beside them, as they stand there, in one process."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import keisei_core.testing as kit

PAGES = Path(__file__).parents[2] / "docs" / "plugins"
FILES = re.compile(r"```python\n# (\w+\.py)\n(.*?)```", re.DOTALL)
EXAMPLES = {path.stem: dict(FILES.findall(path.read_text(encoding="utf-8"))) for path in sorted(PAGES.glob("*.md"))}
TESTS = [(page, name) for page, files in EXAMPLES.items() for name in files if name.startswith("test_")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of the examples of all pages, each page's in a folder of its own."""
    folder = tmp_path_factory.mktemp("pages")
    for page in {page for page, _ in TESTS}:
        (folder / page).mkdir()
        for name, source in EXAMPLES[page].items():
            (folder / page / name).write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-v", "-W", "error", "-p", "no:cacheprovider", "."]
    # Not one of several workers, whatever this process is.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_XDIST")}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600).stdout


def test_every_kind_of_page_has_its_example() -> None:
    assert {page for page, _ in TESTS} == {
        *("algorithms", "callbacks", "commands", "deciders", "models", "optimizers", "precision", "starts"),
        *("teachers", "trackers"),
    }


@pytest.mark.parametrize(("page", "name"), TESTS)
def test_example_of_the_page_keeps_its_contract(told: str, page: str, name: str) -> None:
    classes = [node for node in ast.parse(EXAMPLES[page][name]).body if isinstance(node, ast.ClassDef)]
    (contract,) = (node for node in classes if node.name.startswith("Test"))
    number = len(getattr(kit, ast.unparse(contract.bases[0])).checks())

    assert re.search(rf"^{page}/{name}::\S+ PASSED", told, re.MULTILINE), told
    assert not re.search(rf"^{page}/{name}\S* (FAILED|ERROR)", told, re.MULTILINE), told
    assert f"\n{contract.name}: {number} of {number} checks run: " in told
