"""What this player does."""

import numpy as np
import torch
from keisei_core.arena import PlayerContext
from keisei_core.shogi import action_to_usi, legal_mask, parse_sfen

from keisei_plugins_myname.options import MynameOptions
from keisei_plugins_myname.player import MynamePlayer

ROOK_OR_PAWN = "k8/9/4r4/4R1p2/9/9/9/9/4K4 b - 1"


def choices(greed: float) -> set[str]:
    """What is played in a position where a rook and a pawn can be taken."""
    position = parse_sfen(ROOK_OR_PAWN)
    context = PlayerContext(seed=1, device=torch.device("cpu"))
    player = MynamePlayer(context, MynameOptions(greed=greed))
    legal = legal_mask(position)
    return {action_to_usi(position, int(player.choose(position, legal)[0])) for _ in range(50)}


def test_most_valuable_piece_is_taken() -> None:
    assert {usi[:4] for usi in choices(greed=1.0)} == {"5d5c"}


def test_without_greed_any_move_is_played() -> None:
    assert len(choices(greed=0.0)) > 10


def test_mask_is_left_alone() -> None:
    position = parse_sfen(ROOK_OR_PAWN)
    legal = legal_mask(position)
    before = legal.copy()
    MynamePlayer(PlayerContext(seed=1, device=torch.device("cpu")), MynameOptions()).choose(position, legal)

    np.testing.assert_array_equal(legal, before)
