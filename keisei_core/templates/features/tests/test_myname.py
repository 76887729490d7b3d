"""What these planes say, in positions that can be counted by hand."""

import numpy as np
from keisei_core.observe import PlaneContext
from keisei_core.shogi import parse_sfen

from keisei_plugins_myname.options import MynameOptions
from keisei_plugins_myname.planes import MynamePlanes

KINGS = "k8/9/9/9/9/9/9/9/4K4 {} - 1"


def encode(sfen: str, reach: int = 8) -> np.ndarray:
    planes = np.full((1, 2, 9, 9), 255, np.uint8)
    MynamePlanes(PlaneContext(max_plies=512), MynameOptions(reach=reach)).encode(parse_sfen(sfen), planes)
    return planes[0]


def test_steps_are_counted_from_each_king() -> None:
    own, opponent = encode(KINGS.format("b"))

    assert (own[4, 8], own[4, 7], own[5, 8], own[8, 0]) == (0, 1, 1, 8)
    assert (opponent[8, 0], opponent[8, 1], opponent[4, 8]) == (0, 1, 8)


def test_steps_end_at_the_reach() -> None:
    own, _ = encode(KINGS.format("b"), reach=3)

    assert own.max() == 3
    assert own[4, 6] == 2


def test_white_sees_the_board_from_the_other_side() -> None:
    own, _ = encode(KINGS.format("w"))

    assert own[0, 8] == 0
