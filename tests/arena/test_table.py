"""Tables at the widths of terminals: nothing wraps, and what has no room is named."""

import os

import pytest

from keisei_core import output
from keisei_core.arena.table import Table

RUNGS = Table(
    ("opponent", "score", "95 % interval", "W/D/L", "cut off"),
    [
        ("random", "1.00", "[0.98, 1.00]", "200/0/0", "0"),
        ("alphabeta:depth=1,random_moves=0.7", "0.99", "[0.97, 1.00]", "199/0/1", "0"),
    ],
)


def test_table_that_has_room_is_the_same_as_where_there_is_no_terminal() -> None:
    assert RUNGS.text(80) == RUNGS.text(None) == RUNGS.text()
    assert len(RUNGS.text().splitlines()) == 3


def test_figures_stand_below_the_text_where_a_row_has_no_room() -> None:
    assert RUNGS.text(56).splitlines() == [
        "opponent",
        "  score  95 % interval    W/D/L  cut off",
        "random",
        "   1.00   [0.98, 1.00]  200/0/0        0",
        "alphabeta:depth=1,random_moves=0.7",
        "   0.99   [0.97, 1.00]  199/0/1        0",
    ]


def test_figures_without_room_are_left_out_and_named() -> None:
    lines = RUNGS.text(30).splitlines()

    assert lines[1] == "  score  95 % interval"
    assert lines[-1] == "more in a wider terminal: W/D…"


@pytest.mark.parametrize("columns", [24, 30, 40, 56, 72, 73, 80, 120, 200])
def test_no_line_is_longer_than_the_terminal(columns: int) -> None:
    assert max(map(len, RUNGS.text(columns).splitlines())) <= columns


def test_text_of_no_letters_has_no_line_of_its_own() -> None:
    assert Table(("", "mine"), [("plies/s", "9,000,000")]).text(12).splitlines() == [
        "       mine",
        "plies/s",
        "  9,000,000",
    ]


def test_answers_have_columns_only_where_they_go_to_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert output.columns() is None

    with open(os.devnull, "w") as stream:
        taken = output._Taken(None, stream.fileno(), None, stream)  # type: ignore[arg-type]
        monkeypatch.setattr(output, "_taken", [taken])
        assert output.columns() is None
        monkeypatch.setattr(output.os, "get_terminal_size", lambda _: os.terminal_size((56, 20)))
        assert output.columns() == 56
