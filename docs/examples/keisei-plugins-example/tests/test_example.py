"""What is this package's own."""

import numpy as np
import torch
from keisei_core.arena import PlayerContext
from keisei_core.observe import PlaneContext
from keisei_core.shogi import legal_mask, parse_sfen

from keisei_plugins_example.crowd import Crowd
from keisei_plugins_example.promoter import PROMOTIONS, Promoter


def test_pieces_around_a_square_are_counted() -> None:
    planes = np.full((1, 2, 9, 9), 255, np.uint8)
    Crowd(PlaneContext(max_plies=512)).encode(parse_sfen("4k4/4p4/9/9/9/9/9/3PP4/4K4 b - 1"), planes)
    own, opponent = planes[0]

    assert (own[4, 8], own[4, 7], own[5, 6], own[0, 0]) == (3, 3, 2, 0)
    assert (opponent[4, 0], opponent[3, 1]) == (2, 2)


def test_promotion_is_played_where_there_is_one() -> None:
    position = parse_sfen("k8/9/9/4S4/9/9/9/9/4K4 b G 1")
    player = Promoter(PlayerContext(seed=1, device=torch.device("cpu")))

    chosen = player.choose(position, legal_mask(position))

    assert PROMOTIONS.start <= chosen[0] < PROMOTIONS.stop
