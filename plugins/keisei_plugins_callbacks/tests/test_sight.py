"""What the callback `tactics` counts."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from keisei_core.experience import Segment
from keisei_core.run import CallbackContext
from keisei_core.shogi import legal_mask, parse_sfen
from keisei_plugins_callbacks import sight
from keisei_plugins_callbacks.options import SightOptions
from keisei_plugins_callbacks.sight import Sight

MATE_IN_ONE = "4k4/9/4P4/9/9/9/9/9/4K4 b G 1"
QUIET = "4k4/9/9/9/9/9/9/9/4K4 b P 1"
"""Without a piece that could be lost."""


class First:
    """Plays the legal action with the lowest number, or the highest one."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def choose(self, positions: Any, legal: Any) -> Any:
        return legal.argmax(axis=1).astype(np.int32)


def look(sfens: list[str], **options: Any) -> Any:
    """Lets the callback look at these positions, and returns what it gives and how many it saw."""
    segment = Segment.empty(len(sfens), 1, ())
    for row, sfen in enumerate(sfens):
        segment.positions[row : row + 1] = parse_sfen(sfen)
    view = SimpleNamespace(counters=SimpleNamespace(update=4), segment=segment, evaluator=None)
    context = CallbackContext(run_folder=Path("/nowhere"), seed=0, device=torch.device("cpu"))
    return Sight(context, SightOptions(**options)).after_update(view, {})  # type: ignore[arg-type]


@pytest.fixture(autouse=True)
def _first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sight, "NetworkPlayer", First)


def test_missed_mates_are_counted_where_there_are_any() -> None:
    assert legal_mask(parse_sfen(MATE_IN_ONE)).any()
    assert look([MATE_IN_ONE, QUIET])["mate_in_one_rate"] == 0
    assert "mate_in_one_rate" not in look([QUIET])


def test_move_that_loses_nothing_leaves_nothing_hanging() -> None:
    assert look([QUIET, QUIET])["hanging_rate"] == 0


def test_other_updates_have_no_figures() -> None:
    assert look([QUIET], every_updates=3) == {}
    assert look([QUIET], every_updates=2) != {}


def test_no_more_positions_are_looked_at_than_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    choose = First.choose
    monkeypatch.setattr(First, "choose", lambda self, *given: seen.append(len(given[0])) or choose(self, *given))
    look([QUIET] * 9, positions=4)

    assert seen == [4]
