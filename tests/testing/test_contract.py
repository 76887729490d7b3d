"""How contracts look in pytest: one test for each check, counted, with expected failures that must fail."""

import os
import subprocess
import sys
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from keisei_core.testing import PlayerContract

NUM_CHECKS = len(PlayerContract.checks())

PLAYERS = """
import numpy as np
import pytest
from keisei_core.testing import PlayerContract


class Player:
    def __init__(self, context, options=None):
        self.random = np.random.default_rng(context.seed)

    def choose(self, positions, legal):
        return (self.random.random(legal.shape) * legal).argmax(axis=1).astype(np.int32)


class Wide(Player):
    def choose(self, positions, legal):
        return super().choose(positions, legal).astype(np.int64)


class Needy(Player):
    def __init__(self, context, options):
        super().__init__(context)
        assert options == {"depth": 3}
"""
KEPT = """
class TestTarget(PlayerContract):
    target = Player

class TestInstalled(PlayerContract):
    name = "random"

class TestOptions(PlayerContract):
    target = Needy
    options = {"depth": 3}

class TestExpected(PlayerContract):
    target = Wide
    expected_failures = {"any_batch": "ours is wide"}

@pytest.mark.skip(reason="no such device")
class TestSkipped(PlayerContract):
    target = Player
"""
BROKEN = """
class TestWide(PlayerContract):
    target = Wide

class TestMended(PlayerContract):
    target = Player
    expected_failures = {"any_batch": "once wide"}

class TestNotAsked(PlayerContract):
    target = Player
    deterministic = False
    expected_failures = {"seed_decides_choices": "slow"}

class TestNeither(PlayerContract):
    pass

class TestBoth(PlayerContract):
    name = "random"
    target = Player

class TestUnknown(PlayerContract):
    name = "rondom"

class TestNoOptions(PlayerContract):
    name = "random"
    options = {"depth": 1}

class TestMisspelt(PlayerContract):
    target = Player
    expected_failures = {"any_bacth": "x"}

class TestWithoutReason(PlayerContract):
    target = Player
    expected_failures = {"any_batch": " "}
"""
SKIP = """
import pytest

def pytest_runtest_setup(item):
    if "TestTarget" in item.nodeid and "any_batch" in item.name:
        pytest.skip("quietly")
"""


def run(folder: Path, source: str, *arguments: str, conftest: str = "") -> tuple[int, str]:
    """Runs tests by a pytest of their own, in this process, where torch is loaded; returns exit code and output."""
    (folder / "test_it.py").write_text(PLAYERS + source)
    (folder / "conftest.py").write_text(conftest)
    strict = ("-q", "-W", "error", "-p", "no:cacheprovider", "--tb=line", "--import-mode=importlib")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(StringIO()) as told:
        patch.chdir(folder)
        for name in [name for name in os.environ if name.startswith("PYTEST_XDIST")]:
            patch.delenv(name)  # not one of several workers, whatever this process is
        code = pytest.main([*strict, "--rootdir", str(folder), *arguments])
    del sys.modules["test_it"]
    return int(code), told.getvalue()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str]:
    return run(tmp_path_factory.mktemp("kept"), KEPT)


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> str:
    code, output = run(tmp_path_factory.mktemp("broken"), BROKEN, "--continue-on-collection-errors", "-rf")
    assert code == 1
    return output


def test_kept_contracts_are_a_success(kept: tuple[int, str]) -> None:
    code, output = kept

    assert code == 0, output
    assert "1 xfailed" in output


@pytest.mark.parametrize(
    "line",
    [
        f"TestTarget: {NUM_CHECKS} of {NUM_CHECKS} checks run: {NUM_CHECKS - 4} passed, 4 not asked (declaring_loads_",
        f"TestInstalled: {NUM_CHECKS} of {NUM_CHECKS} checks run: {NUM_CHECKS - 1} passed, 1 not asked (thinking_ends",
        f"TestOptions: {NUM_CHECKS} of {NUM_CHECKS} checks run",
        f"TestExpected: {NUM_CHECKS} of {NUM_CHECKS} checks run: {NUM_CHECKS - 5} passed, 1 failed as expected "
        "(any_batch: ours is wide)",
        f"TestSkipped: 0 of {NUM_CHECKS} checks run",
    ],
)
def test_checks_are_counted_with_what_came_of_them(kept: tuple[int, str], line: str) -> None:
    assert line in kept[1]


def test_broken_check_fails_and_is_counted(broken: str) -> None:
    assert f"TestWide: {NUM_CHECKS} of {NUM_CHECKS} checks run: 1 failed, {NUM_CHECKS - 5} passed, 4 not" in broken
    assert "FAILED test_it.py::TestWide::test_contract[any_batch]" in broken


@pytest.mark.parametrize(
    "complaint",
    [
        "any_batch is expected to fail (once wide) but passes; remove it from expected_failures",
        "seed_decides_choices is expected to fail but not asked (deterministic = False)",
        "TestNeither must say name = '...' or target = ..., one of the two",
        "TestBoth must say name = '...' or target = ..., one of the two",
        "unknown player 'rondom'; did you mean 'random'?",
        "player 'random' takes no options, got {'depth': 1}",
        "expected_failures names no check of this contract: any_bacth",
        "expected_failures must give a reason for any_batch",
    ],
)
def test_contract_that_says_what_cannot_be_fails(broken: str, complaint: str) -> None:
    assert complaint in broken


def test_check_that_did_not_run_is_missed(tmp_path: Path) -> None:
    code, output = run(tmp_path, KEPT, "-k", "TestTarget", conftest=SKIP)

    assert code == 1
    assert f"TestTarget has {NUM_CHECKS} checks, but {NUM_CHECKS - 1} were run" in output


def test_choosing_one_check_is_no_failure(tmp_path: Path) -> None:
    code, output = run(tmp_path, KEPT, "-k", "TestTarget and any_batch")

    assert code == 0, output
    assert f"TestTarget: 1 of {NUM_CHECKS} checks run: 1 passed" in output
    assert "TestInstalled:" not in output


def test_kit_is_imported_without_pytest() -> None:
    script = "import sys; sys.modules['pytest'] = None; import keisei_core.testing as kit; print(len(kit.__all__) > 20)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)

    assert done.stdout == "True\n", done.stderr
