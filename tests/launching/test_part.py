"""What is around the work of one process: where its traceback goes, and what a lost connection becomes."""

import json
from pathlib import Path

import pytest
from torch.distributed import DistError

from keisei_core.errors import DistributionError
from keisei_core.launching import Place, take_part
from keisei_core.launching.part import ERROR_FILE, recorded


def fail() -> int:
    raise ValueError("on purpose")


def test_traceback_goes_where_torchrun_looks_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(ERROR_FILE, str(tmp_path / "error.json"))

    with pytest.raises(ValueError, match="on purpose"):
        take_part(fail, ())

    told = json.loads((tmp_path / "error.json").read_text())["message"]
    assert "ValueError: on purpose" in told["message"]


def lose() -> int:
    raise DistError


def test_lost_connection_is_told_where_torch_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(
        rank=1, world_size=2, local_rank=0, local_world_size=1, address="node", port=7, attempt=0, has_store=False
    )
    for name, value in place.to_environment().items():
        monkeypatch.setenv(name, value)

    with pytest.raises(DistributionError, match="rank 1 of 2 at node:7 lost another process: DistError; look at"):
        take_part(lose, ())


def test_work_is_left_as_it_is_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ERROR_FILE, raising=False)

    assert recorded(fail) is fail
