"""What is around the work of one process: where its traceback goes, and what a lost connection becomes."""

import json
from pathlib import Path

import pytest

from keisei_core.launching import take_part
from keisei_core.launching.part import ERROR_FILE, recorded


def fail() -> int:
    raise ValueError("on purpose")


def test_traceback_goes_where_torchrun_looks_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ERROR_FILE, str(tmp_path / "error.json"))

    with pytest.raises(ValueError, match="on purpose"):
        take_part(fail, ())

    told = json.loads((tmp_path / "error.json").read_text())["message"]
    assert "ValueError: on purpose" in told["message"]


def test_work_is_left_as_it_is_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ERROR_FILE, raising=False)

    assert recorded(fail) is fail
