"""Sound moves: mates where there are any, else what exchanges and mates in one do not speak against."""

import numpy as np

from keisei_core.shogi import (
    PIECE_VALUES,
    Games,
    Starts,
    action_to_usi,
    find_mates,
    find_sound,
    legal_mask,
    parse_sfen,
)


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
