"""Pairs of games that are the same but for colour, or but for left and right, seen through all planes.

The start positions are turned and mirrored as text; from there both games of a pair are played move by move.
"""

import re
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from keisei_core.shogi import MIRRORED_ACTIONS, Games, Starts, mirror_action, mirror_positions
from keisei_core.testing import feature_set

STARTS = [
    "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1",
    "lnsgk1snl/6g2/p1pppp1pp/6p2/9/2P6/P2PPPP1P/7R1/LNSGKGSNL b RB2Pb 1",
    "4k4/9/9/9/3+R5/9/9/9/4K4 b - 1",
    "4k4/4p4/9/9/9/9/9/9/4K4 w 2r2b4g4s4n4l17p 30",
    "+l+n+sgkg+s+n+l/1+r5+b1/+p+p+p+p+p+p+p+p+p/9/9/9/+P+P+P+P+P+P+P+P+P/1+B5+R1/+L+N+SGKG+S+N+L b - 1",
]
NUM_GAMES = 40
NUM_PLIES = 200
FEATURES = feature_set("core46+all+attacks+safe+history")
BLACK_TO_MOVE = 42


def ranks_of(board: str) -> list[list[str]]:
    """Splits the board of an SFEN into pieces and runs of empty squares."""
    return [re.findall(r"\+?[A-Za-z]|\d", rank) for rank in board.split("/")]


def board_of(ranks: list[list[str]]) -> str:
    return "/".join("".join(rank) for rank in ranks)


def mirrored(sfen: str) -> str:
    """Reverses each rank."""
    board, *rest = sfen.split()
    return " ".join([board_of([rank[::-1] for rank in ranks_of(board)]), *rest])


def turned(sfen: str) -> str:
    """Turns the board by 180 degrees and swaps the colours."""
    board, side, hands, number = sfen.split()
    upside_down = board_of([rank[::-1] for rank in ranks_of(board)[::-1]])
    upper_case_first = sorted(re.findall(r"\d*[A-Za-z]", hands.swapcase()), key=lambda held: held[-1].islower())
    return f"{upside_down.swapcase()} {'bw'[side == 'b']} {''.join(upper_case_first) or '-'} {number}"


def play_in_pairs(
    sfens: list[str], other_sfens: list[str], other_action: NDArray[np.integer]
) -> Iterator[tuple[Games, Games]]:
    """Plays the same random games from both lists; `other_action` says what each action is called in the second."""
    first, second = (
        Games(NUM_GAMES, starts=Starts.from_sfens(starts), seed=5, history=FEATURES.needs.history)
        for starts in (sfens, other_sfens)
    )
    for _ in range(NUM_PLIES):
        yield first, second
        actions = first.sample()
        second.sample()  # keeps the random streams of both in step
        first.step(actions)
        second.step(other_action[actions].astype(np.int32))
        np.testing.assert_array_equal(first.ending, second.ending)


def test_turned_games_look_the_same_but_for_the_colour_plane() -> None:
    assert FEATURES.channels[BLACK_TO_MOVE].name == "black_to_move"
    seen = np.zeros(FEATURES.num_channels, np.bool_)
    same_name = np.arange(MIRRORED_ACTIONS.size)
    for first, second in play_in_pairs(STARTS, [turned(sfen) for sfen in STARTS], same_name):
        planes, others = FEATURES.encode(first.positions), FEATURES.encode(second.positions)
        np.testing.assert_array_equal(others[:, BLACK_TO_MOVE], 1 - planes[:, BLACK_TO_MOVE])
        planes[:, BLACK_TO_MOVE] = others[:, BLACK_TO_MOVE]
        np.testing.assert_array_equal(planes, others)
        np.testing.assert_array_equal(first.legal, second.legal)
        seen |= planes.any(axis=(0, 2, 3))
    assert seen.sum() == FEATURES.num_channels - 1


def test_mirrored_games_have_mirrored_planes_and_masks() -> None:
    mirrored_actions = np.array([mirror_action(action) for action in range(MIRRORED_ACTIONS.size)])
    for first, second in play_in_pairs(STARTS, [mirrored(sfen) for sfen in STARTS], mirrored_actions):
        planes = FEATURES.encode(first.positions)
        np.testing.assert_array_equal(FEATURES.encode(second.positions), planes[:, :, ::-1])
        np.testing.assert_array_equal(FEATURES.encode(mirror_positions(first.positions)), planes[:, :, ::-1])
        np.testing.assert_array_equal(second.legal, first.legal[:, MIRRORED_ACTIONS])


@pytest.mark.parametrize("sfen", STARTS)
def test_turning_and_mirroring_twice_gives_the_text_back(sfen: str) -> None:
    assert mirrored(mirrored(sfen)) == sfen
    assert turned(turned(sfen)) == sfen
