"""What these starts are."""

import numpy as np
import pytest
from keisei_core.shogi import OPPONENT, START_SFEN, Positions, StartContext, format_sfen, parse_sfen

from keisei_plugins_myname.options import MynameOptions
from keisei_plugins_myname.starts import MynameStarts


def drawn(pieces: int) -> Positions:
    source = MynameStarts(StartContext(max_plies=512), MynameOptions(pieces=pieces))
    return source.draw(200, np.random.default_rng(1))


@pytest.mark.parametrize("pieces", [1, 2, 10])
def test_white_plays_without_as_many_pieces_as_asked_for(pieces: int) -> None:
    board = drawn(pieces).board

    assert set((board > OPPONENT).sum(axis=1)) == {20 - pieces}
    assert set(((board > 0) & (board <= OPPONENT)).sum(axis=1)) == {20}


def test_other_pieces_are_missing_every_time() -> None:
    assert len({format_sfen(drawn(2), row) for row in range(200)}) > 50


def test_nothing_missing_is_the_even_game() -> None:
    np.testing.assert_array_equal(drawn(0).board[0], parse_sfen(START_SFEN).board[0])
