"""Mates played and pieces left hanging, in positions where one can see them."""

import math

import numpy as np
import pytest
import torch

from keisei_core.arena import PlayerContext, play_match
from keisei_core.benchmark.blunders import Tactics, WatchedPlayer
from keisei_core.plugins import load_registry
from keisei_core.plugins.players import player_choice
from keisei_core.shogi import legal_mask, parse_sfen, usi_to_action


def counted(sfen: str, *moves: str) -> Tactics:
    tactics, position = Tactics(), parse_sfen(sfen)
    for move in moves:
        action = np.array([usi_to_action(position, move)], np.int32)
        tactics.count(position, legal_mask(position), action)
    return tactics


def test_mates_are_counted_where_there_are_any():
    tactics = counted("4k4/9/4P4/9/9/9/9/9/4K4 b GP 1", "G*5b", "P*9f", "5i5h")

    assert (tactics.mates, tactics.mates_played) == (3, 1)
    assert tactics.mate_rate == pytest.approx(1 / 3)
    # The mating move counts among no other moves.
    assert tactics.moves == 2


def test_piece_left_hanging_is_counted():
    # Black's rook stands in the lance's file; stepping aside saves it, a pawn's move does not, nor does taking the
    # lance, which the gold protects.
    sfen = "4k2gl/9/9/9/8R/9/P8/9/4K4 b - 1"

    assert counted(sfen, "9g9f").hanging == 1
    assert counted(sfen, "1e1a+").hanging == 1
    assert counted(sfen, "1e3e").hanging == 0


def test_missed_capture_counts_as_much_as_a_lost_piece():
    sfen = "4k4/9/9/9/4r4/4G4/9/9/4K4 b - 1"

    assert counted(sfen, "5f5e").hanging == 0
    assert counted(sfen, "5i4i").hanging == 1


def test_small_losses_are_let_pass():
    # A pawn that can be taken for nothing: 2 points with the pawn in hand.
    sfen = "4k4/9/9/4p4/9/4P4/9/9/4K4 b - 1"

    assert counted(sfen, "5f5e").hanging == 0


def test_rates_of_nothing_are_nan():
    assert math.isnan(Tactics().mate_rate)
    assert math.isnan(Tactics().hanging_rate)


@pytest.mark.parametrize(
    ("text", "mates", "hanging"),
    [
        # Depth 2 sees one reply, not the exchange behind it, and may stalemate a lone king where it could mate; depth 1
        # sees mates, and leaves as much hanging as a trial found (.24); random play .32.
        ("alphabeta:depth=2", (0.9, 1), (0, 0.03)),
        ("alphabeta", (1, 1), (0.18, 0.3)),
        ("random", (0, 1), (0.25, 0.4)),
    ],
)
def test_rates_of_players_who_are_known(text, mates, hanging):
    context = PlayerContext(seed=1, device=torch.device("cpu"))
    player, opponent = (player_choice(name, load_registry()).build(context) for name in (text, "alphabeta"))
    tactics = Tactics()
    play_match(WatchedPlayer(player, tactics), opponent, num_games=20, max_plies=200, opening_plies=8, seed=1)

    assert tactics.moves > 300
    assert hanging[0] <= tactics.hanging_rate <= hanging[1]
    if tactics.mates:
        assert mates[0] <= tactics.mate_rate <= mates[1]
