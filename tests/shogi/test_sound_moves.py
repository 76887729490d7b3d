"""Sound moves: mates where there are any, else what exchanges and mates in one do not speak against."""

import numpy as np
import pytest
from numpy.typing import NDArray

from keisei_core.shogi import (
    PIECE_VALUES,
    Games,
    Positions,
    Starts,
    action_to_usi,
    exchange_values,
    find_mates,
    find_sound,
    legal_mask,
    parse_sfen,
)
from keisei_core.shogi.sidelines import played


def sound_moves(sfen: str, margin: int = 4) -> set[str]:
    position = parse_sfen(sfen)
    found = find_sound(position, legal_mask(position), PIECE_VALUES, margin)
    return {action_to_usi(position, int(action)) for action in np.flatnonzero(found.sound[0])}


def test_only_mates_are_sound_where_there_is_one():
    assert sound_moves("7lk/9/8G/9/9/9/9/9/4K4 b G 1") == {"G*1b"}


def test_taking_a_free_rook_is_sound_and_letting_it_go_is_not():
    assert sound_moves("4k4/9/9/9/4r4/4P4/9/9/K8 b - 1") == {"5f5e"}


def test_move_onto_an_attacked_square_is_not_sound():
    moves = sound_moves("4k4/9/p8/9/1R7/9/9/9/8K b - 1")
    assert "8e9e" in moves
    assert "8e9d" not in moves
    assert "8e8d" in moves


def test_a_defended_piece_may_stay_attacked():
    moves = sound_moves("4k4/1r7/9/9/9/9/1P7/1G7/8K b L 1", margin=1)
    assert len(moves) > 60
    assert {"1i1h", "L*5d"} <= moves
    assert not moves & {"8h8i", "L*5b"}  # the pawn is left alone, a lance is given away


def test_margin_lets_small_losses_pass():
    sfen = "4k4/9/9/4p4/4P4/9/9/9/K8 b - 1"  # a pawn may be taken, which is worth two in the balance
    assert sound_moves(sfen, margin=0) == {"5e5d"}
    assert len(sound_moves(sfen, margin=4)) > 1


GOLD_DROP_MATES = "5k3/9/9/9/4r3R/9/g8/9/KL7 b g 1"
"""A gold dropped at 9h mates. Only the rook can help, by guarding 9h or by a check, or it takes the rook at 5e."""


def test_taking_a_rook_is_not_sound_if_it_lets_one_be_mated_on_the_back_rank():
    assert sound_moves(GOLD_DROP_MATES.replace(" g ", " - ")) == {"1e5e"}
    assert sound_moves(GOLD_DROP_MATES, margin=100) == {"1e1h", "1e1a", "1e1a+", "1e4e"}


def test_best_is_chosen_among_the_moves_that_let_nobody_mate():
    # Promotion wins most of what is left; the check from 4e and the guard at 1h lose nothing but a reply's promotion.
    assert sound_moves(GOLD_DROP_MATES, margin=0) == {"1e1a+"}


def test_material_decides_where_every_move_lets_one_be_mated():
    assert sound_moves("5k3/9/9/9/4s4/4P4/g8/9/KL7 b g 1") == {"5f5e"}


def test_own_mate_comes_before_the_danger_of_the_opponents():
    assert sound_moves("7lk/9/8G/9/9/9/g8/9/KL7 b Gg 1") == {"G*1b"}


def test_sound_moves_let_nobody_mate_where_one_can_help_it():
    games = Games(64, seed=8, starts=Starts.from_sfens(["3k5/3P5/2+B1R4/9/4r4/9/4p4/5p3/4K4 w GSNL2g2s 1"]))
    num_danger = num_hopeless = 0
    for _ in range(6):
        found = find_sound(games.positions, games.legal, PIECE_VALUES, 100)
        for row in np.flatnonzero(~found.has_mate):
            actions = np.flatnonzero(games.legal[row]).astype(np.int32)
            after = Games(len(actions), starts=Starts(games.positions[row : row + 1]))
            after.step(actions, reset=False)
            is_mated = find_mates(after.positions, legal_mask(after.positions)).any(axis=1)
            if is_mated.all():
                assert found.sound[row].any()
                num_hopeless += 1
            else:
                assert not found.sound[row, actions[is_mated]].any()
                num_danger += bool(is_mated.any())
        games.step(games.sample())
    assert num_danger > 20
    assert num_hopeless > 0


BUSY = (
    "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1",
    "3k5/3P5/2+B1R4/9/4r4/9/4p4/5p3/4K4 w GSNL2g2s 1",
    "k2r5/3l5/3p5/3s1b3/3PS4/3L1N3/3R2B2/3L5/4K4 b GSgs 1",
    "5k3/9/9/9/4r3R/9/g8/9/KL7 b g 1",
)


def busy_positions(num_games: int, num_plies: int) -> Positions:
    """Positions of random games, from the start and from where much hangs and much mates."""
    games, found = Games(num_games, seed=5, starts=Starts.from_sfens(BUSY)), []
    for _ in range(num_plies):
        found.append(games.positions[np.arange(num_games)])
        games.step(games.sample())
    return Positions.concatenate(found)


def lets_mate(positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Plays every legal move and looks for a mate after it."""
    rows, actions = np.nonzero(legal)
    lets = np.zeros(legal.shape, np.bool_)
    lets[rows, actions] = find_mates(*played(positions[rows], actions.astype(np.int32))).any(axis=1)
    return lets


@pytest.mark.parametrize("margin", [0, 1, 4, 100])
def test_sound_moves_are_what_mates_and_exchanges_of_every_single_move_say(margin: int) -> None:
    num_heeded, busy = 0, busy_positions(num_games=64, num_plies=32)
    for first in range(0, len(busy), 512):
        positions = busy[first : first + 512]
        legal = legal_mask(positions)
        values, mates = exchange_values(positions, legal, PIECE_VALUES), find_mates(positions, legal)
        lets = lets_mate(positions, legal)
        is_hopeless = (lets | (legal == 0)).all(axis=1)
        asked = (legal == 1) & (~lets | is_hopeless[:, None])
        best = np.where(asked, values, -(10**6)).max(axis=1)
        sound = asked & (values >= best[:, None] - margin)
        expected = np.where(mates.any(axis=1)[:, None], mates == 1, sound)
        found = find_sound(positions, legal, PIECE_VALUES, margin)
        assert (found.sound == expected).all()
        assert (found.has_mate == mates.any(axis=1)).all()
        num_heeded += int((lets.any(axis=1) & ~is_hopeless & ~found.has_mate).sum())
    assert num_heeded > 200
