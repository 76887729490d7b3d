"""The page about testing plugins: its tests run as they stand, and it names every check and declaration."""

import inspect
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import keisei_core.testing as kit
from keisei_core.plugins import Kind
from keisei_core.testing.check import name_of

PAGE = (Path(__file__).parents[2] / "docs" / "plugins" / "testing.md").read_text(encoding="utf-8")
CONTRACTS = [
    kit.FeaturePlanesContract,
    kit.ModelContract,
    kit.StartContract,
    kit.DeciderContract,
    kit.AlgorithmContract,
    kit.OptimizerContract,
    kit.TeacherContract,
    kit.PrecisionContract,
    kit.DistributionContract,
    kit.MigratorContract,
    kit.PlayerContract,
    kit.TrackerContract,
    kit.CallbackContract,
    kit.CommandContract,
]


def table(title: str, checks: tuple[kit.Check, ...]) -> str:
    """Writes what stands on the page about some checks."""
    rows = [f"| `{name_of(check)}` | {(check.__doc__ or '').splitlines()[0]} |" for check in checks]
    return "\n".join([f"### {title}", "", "| check | asks |", "|---|---|", *rows]) + "\n"


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the page."""
    folder = tmp_path_factory.mktemp("page")
    for path, source in re.findall(r"```python\n# (\S+)\n(.*?)```", PAGE, re.DOTALL):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(source, encoding="utf-8")
    return folder


def run(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder / "tests")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_tests_of_the_page_pass_and_print_what_it_shows(examples: Path) -> None:
    output = run(examples, "-m", "pytest", "-W", "error", "-p", "no:cacheprovider", "tests")

    shown = re.findall(r"^Test\w+: .*$", PAGE, re.MULTILINE)
    assert len(shown) == 4
    for line in shown:
        assert line.partition("...")[0].partition("(...")[0].rstrip(" (") in output


def test_script_of_the_page_runs_without_pytest(examples: Path) -> None:
    output = run(examples, "without_pytest.py")

    assert output.splitlines()[0] == "any_batch passed"
    assert output.splitlines()[-1] == "0 of 8 checks failed"


def test_every_kind_of_component_has_a_contract() -> None:
    assert {contract.kind for contract in CONTRACTS} == set(Kind)


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.__name__)
def test_page_says_what_a_contract_asks_and_what_may_be_declared(contract: Any) -> None:
    assert table(f"`{contract.__name__}`", contract.own_checks) in PAGE
    for name in inspect.get_annotations(contract).keys() or ["read"]:
        assert f"| `{contract.__name__}` | `{name}` | " in PAGE


def test_page_says_what_every_component_is_asked() -> None:
    assert table("Every installed component", kit.COMPONENT_CHECKS) in PAGE
