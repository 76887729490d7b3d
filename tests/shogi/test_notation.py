"""Actions: frozen labels, USI text, mirror and colour symmetry."""

import numpy as np
import pytest

from keisei_core.errors import IllegalMoveError
from keisei_core.shogi import (
    MIRRORED_ACTIONS,
    NUM_ACTIONS,
    Games,
    Positions,
    Starts,
    action_to_usi,
    legal_mask,
    mirror_action,
    mirror_positions,
    parse_sfen,
    usi_to_action,
)

BLACK_SFEN = "4k4/9/P8/1N7/9/2B6/9/9/4K4 b G 1"
WHITE_SFEN = "4k4/9/9/6b2/9/7n1/8p/9/4K4 w g 1"


@pytest.mark.parametrize(
    ("usi_by_black", "usi_by_white", "action"),
    [
        pytest.param("9c9b", "1g1h", 0 * 81 + 8 * 9 + 1, id="up"),
        pytest.param("9c9b+", "1g1h+", 10 * 81 + 8 * 9 + 1, id="up-promoting"),
        pytest.param("5i6h", "5a4b", 1 * 81 + 5 * 9 + 7, id="up-left"),
        pytest.param("5i4h", "5a6b", 2 * 81 + 3 * 9 + 7, id="up-right"),
        pytest.param("5i6i", "5a4a", 3 * 81 + 5 * 9 + 8, id="left"),
        pytest.param("5i4i", "5a6a", 4 * 81 + 3 * 9 + 8, id="right"),
        pytest.param("7f9h", "3d1b", 6 * 81 + 8 * 9 + 7, id="down-left-two-steps"),
        pytest.param("7f5h", "3d5b", 7 * 81 + 4 * 9 + 7, id="down-right-two-steps"),
        pytest.param("8d9b+", "2f1h+", 18 * 81 + 8 * 9 + 1, id="knight-left-promoting"),
        pytest.param("8d7b+", "2f3h+", 19 * 81 + 6 * 9 + 1, id="knight-right-promoting"),
        pytest.param("G*5e", "G*5e", 26 * 81 + 40, id="gold-drop"),
    ],
)
def test_action_code_is_frozen_and_the_same_for_both_colours(usi_by_black: str, usi_by_white: str, action: int) -> None:
    for sfen, usi in ((BLACK_SFEN, usi_by_black), (WHITE_SFEN, usi_by_white)):
        position = parse_sfen(sfen)
        assert usi_to_action(position, usi) == action
        assert action_to_usi(position, action) == usi


@pytest.mark.parametrize("usi", ["7g7e", "P*5e", "", "resign", "7g7f+", "7g7f "])
def test_move_that_is_not_legal_is_refused(usi: str) -> None:
    with pytest.raises(IllegalMoveError, match=r"expected a legal move in usi, got .* in sfen 'lnsgkgsnl"):
        usi_to_action(parse_sfen("startpos"), usi)


def test_action_that_is_not_legal_has_no_text() -> None:
    with pytest.raises(IllegalMoveError, match=r"expected a legal action, got 5000, outside 0\.\.2186"):
        action_to_usi(parse_sfen("startpos"), 5000)


def some_positions() -> Positions:
    games = Games(128, starts=Starts.standard(random_plies=60), seed=4)
    return games.positions


def test_mirrored_positions_have_the_mirrored_masks() -> None:
    positions = some_positions()
    mirrored = legal_mask(mirror_positions(positions))
    np.testing.assert_array_equal(mirrored, legal_mask(positions)[:, MIRRORED_ACTIONS])
    np.testing.assert_array_equal(mirror_positions(mirror_positions(positions)).board, positions.board)


def test_mirroring_an_action_twice_gives_it_back() -> None:
    assert [mirror_action(mirror_action(action)) for action in range(NUM_ACTIONS)] == list(range(NUM_ACTIONS))


def test_mask_of_a_turned_position_is_the_same() -> None:
    positions = some_positions()
    turned = positions[np.arange(len(positions))]
    turned.side_to_move[:] = 1 - positions.side_to_move
    np.testing.assert_array_equal(legal_mask(turned), legal_mask(positions))
