"""How a worker ended, as it reaches the process that started it."""

import threading
from pathlib import Path

import pytest

from keisei_core.errors import CheckpointError, ConfigError, DistributionError, KeiseiError
from keisei_core.launching import FOLDER, Outcome, end_now, outcome


def test_outcome_of_each_start_is_kept_apart(tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv("RANK", "1")
    Outcome(code=6, message="lost").leave()
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")

    assert Outcome.read(tmp_path, 1, 0) == Outcome(code=6, message="lost")
    assert Outcome.read(tmp_path, 1, 1) is None


def test_process_whose_outcome_can_not_be_written_ends_all_the_same(tmp_path, monkeypatch):
    codes: list[int] = []
    monkeypatch.setattr(outcome, "end_process", codes.append)
    monkeypatch.setenv(FOLDER, str(tmp_path / "gone"))
    monkeypatch.setenv("RANK", "0")

    end_now("lost")

    assert codes == [DistributionError.exit_code]


class HeldError(DistributionError):
    """Hangs on to what can't be pickled."""

    def __init__(self) -> None:
        super().__init__("held")
        self.lock = threading.Lock()


@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        (ConfigError(["one", "two"]), ConfigError(["one", "two"])),
        (CheckpointError(Path("r"), "torn", "take another"), CheckpointError(Path("r"), "torn", "take another")),
        (HeldError(), KeiseiError("held")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_error_of_a_worker_is_what_the_launcher_raises(raised, expected, tmp_path, monkeypatch):
    monkeypatch.setenv(FOLDER, str(tmp_path))
    monkeypatch.setenv("RANK", "0")
    raised.exit_code = 42
    Outcome.of(raised).leave()

    error = Outcome.read(tmp_path, 0, 0).error

    assert (type(error), str(error), error.exit_code) == (type(expected), str(expected), 42)
    assert vars(error) == vars(expected) | {"exit_code": 42}
