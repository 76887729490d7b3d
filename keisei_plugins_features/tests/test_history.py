"""The planes of earlier positions are what core46 and repetition wrote when those were the present one, turned."""

from collections import deque

import numpy as np
import pytest

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.shogi import Games, Positions, Starts, UInt8Array, parse_sfen
from keisei_core.testing import feature_set
from keisei_plugins_features.history import History
from keisei_plugins_features.options import HistoryOptions

EARLIER = 7
PLANES = 44
"""Of each earlier position: 28 of pieces, 14 of hands, 2 of repetition."""
NUM_GAMES = 24
STARTS = [
    "startpos",
    "lnsgkgsn1/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1",
    "4k4/4p4/9/9/9/9/9/9/4K4 w 2r2b4g4s4n4l17p 30",
    "4k4/9/9/9/9/9/9/9/4K4 b - 1",
]


def history(earlier: int) -> FeatureSet:
    return FeatureSet([History(PlaneContext(max_plies=512), HistoryOptions(earlier=earlier))])


def of_the_present(positions: Positions) -> UInt8Array:
    """Returns what is shown of an earlier position, when it is the present one: uint8 [N, 44, 9, 9]."""
    planes = feature_set("core46+repetition").encode(positions.with_history(0))
    return planes[:, [*range(42), 46, 47]]


def turned(planes: UInt8Array) -> UInt8Array:
    """Returns planes [44, 9, 9] as the other player sees them."""
    own_and_opponents = [*range(14, 28), *range(14), *range(35, 42), *range(28, 35), 42, 43]
    return planes[own_and_opponents, ::-1, ::-1]


def shown(past: deque[UInt8Array]) -> UInt8Array:
    """Returns uint8 [7 * 44, 9, 9] for a game's past, the latest position first."""
    planes = np.zeros((EARLIER, PLANES, 9, 9), np.uint8)
    for back, earlier in enumerate(past):
        planes[back] = earlier if back % 2 else turned(earlier)
    return planes.reshape(-1, 9, 9)


def test_planes_are_those_of_the_positions_before_as_the_mover_sees_them() -> None:
    games = Games(NUM_GAMES, starts=Starts.from_sfens(STARTS), max_plies=70, seed=3, history=EARLIER)
    features = feature_set("history")
    pasts: list[deque[UInt8Array]] = [deque(maxlen=EARLIER) for _ in range(NUM_GAMES)]
    num_ended, num_repeated = 0, 0
    for _ in range(200):
        planes = features.encode(games.positions)
        np.testing.assert_array_equal(planes, [shown(past) for past in pasts])
        num_repeated += int(planes[:, 42].any())
        for past, present in zip(pasts, of_the_present(games.positions), strict=True):
            past.appendleft(present)
        games.step(games.sample())
        last = features.encode(games.final)
        for row in np.flatnonzero(games.ending):
            np.testing.assert_array_equal(last[row], shown(pasts[row]))
            pasts[row].clear()
            num_ended += 1

    assert num_ended > NUM_GAMES
    assert num_repeated


@pytest.mark.parametrize("earlier", [1, 2, 9])
def test_option_says_how_many_positions_are_shown(earlier: int) -> None:
    games = Games(NUM_GAMES, seed=1, history=9)
    for _ in range(9):
        games.step(games.sample())
    features, longest = history(earlier), history(9)

    assert features.needs.history == earlier
    assert features.num_channels == earlier * PLANES
    assert features.channels == longest.channels[: earlier * PLANES]
    np.testing.assert_array_equal(
        features.encode(games.positions), longest.encode(games.positions)[:, : earlier * PLANES]
    )


def test_position_from_text_has_no_past() -> None:
    seen = feature_set("core46+history").build(parse_sfen("startpos"))

    assert seen[:46].any()
    assert not seen[46:].any()


def test_channels_name_the_position_and_the_piece() -> None:
    names = [channel.name for channel in history(2).channels]

    assert names[:2] == ["history_1_own_pawn", "history_1_own_lance"]
    assert names[28] == "history_1_own_hand_pawn"
    assert names[42:45] == ["history_1_repetition_1", "history_1_repetition_2", "history_2_own_pawn"]
