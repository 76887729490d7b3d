"""What the network makes of a game is what it says of each of its positions, and what the rules say of its moves."""

import numpy as np
import pytest
from rsshogi.core import Board
from written_run import LOST, START

from keisei_core.errors import ConfigError
from keisei_core.records import Game
from keisei_core.shogi import format_sfen, legal_mask, parse_sfen, usi_to_action
from keisei_core.testing.small_run import SmallRun
from keisei_plugins_report.gather.opinions import Opinion, Opinions, replayed

MOVES = ["7g7f", "3c3d", "8h2b+", "3a2b", "B*5e", "2b3c", "5e3c+", "2a3c", "S*6f", "9c9d", "6f5e", "9d9e"]
MATE = "4k4/9/4P4/9/9/9/9/9/4K4 b G 1"
PAWN_GUARDS = "4k4/9/9/4p4/9/4R4/9/9/4K4 b - 1"


def game(*moves, sfen=START, first="black"):
    return Game.of({**LOST, "first": first, "sfen": sfen, "moves": list(moves), "ending": "none", "winner": ""})


@pytest.fixture(scope="module")
def opinions():
    return Opinions(SmallRun().evaluator, "update-000004")


def test_replayed_game_has_the_positions_and_moves_of_another_program():
    positions, legal, actions = replayed(game(*MOVES), 0)
    board = Board(START)

    for row, move in enumerate(MOVES):
        assert format_sfen(positions, row) == board.to_sfen()
        assert actions[row] == usi_to_action(positions, move, row)
        board.push_usi(move)
    np.testing.assert_array_equal(legal, legal_mask(positions))


def test_values_and_moves_are_those_of_the_network_asked_alone(opinions):
    found = opinions.of_game(game(*MOVES))
    board = Board(START)

    for row, move in enumerate(MOVES):
        position = parse_sfen(board.to_sfen())
        log_probs, value = opinions.evaluator.policy_and_value(position, legal_mask(position))
        assert found.values[row] == pytest.approx(float(value[0]), abs=0.006)
        best, share, *_ = found.policies[row].split()
        assert usi_to_action(position, best) == int(log_probs.argmax())
        assert int(share) == pytest.approx(100 * float(log_probs.max().exp()), abs=0.6)
        board.push_usi(move)


@pytest.mark.parametrize(
    ("played", "mates", "missed", "hanging"),
    [
        pytest.param(game("G*5b", sfen=MATE), 1, [], [], id="mate-played"),
        pytest.param(game("G*9a", sfen=MATE), 1, [0], [], id="mate-missed"),
        pytest.param(game("5f5e", "5d5e", sfen=PAWN_GUARDS), 0, [], [0], id="rook-left-hanging"),
        pytest.param(game("5f4f", "5d5e", sfen=PAWN_GUARDS), 0, [], [], id="pawn-not-taken"),
        pytest.param(game("5f5e", "5d5e", sfen=PAWN_GUARDS, first="white"), 0, [], [], id="of-the-opponent"),
        pytest.param(game("G*9a", sfen=MATE, first="white"), 0, [], [], id="mate-of-the-opponent"),
    ],
)
def test_mates_and_hanging_pieces_are_counted_of_the_networks_own_moves(opinions, played, mates, missed, hanging):
    found = opinions.of_game(played)

    assert (found.mates, found.missed, found.hanging) == (mates, missed, hanging)


def test_nobody_and_no_moves_have_no_opinion(opinions):
    assert Opinions.none().of_game(game(*MOVES)) == Opinion()
    assert opinions.of_game(game()) == Opinion()
    assert Opinions.none().parameters is None


@pytest.mark.parametrize("move", ["7g7e", "pass", "7g7f+"])
def test_move_that_is_not_legal_is_told_with_its_game(move):
    with pytest.raises(ConfigError, match=r"match, rung, update 4: expected legal moves, got .* at ply 2 from sfen"):
        replayed(game("7g7f", move), 0)


def test_network_that_fails_is_told_of_and_asked_no_more(capsys, monkeypatch):
    opinions, asked = Opinions(SmallRun().evaluator, "update-000004"), []

    def fails(*_):
        asked.append(1)
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(opinions.evaluator, "policy_and_value", fails)

    assert [opinions.of_game(game(*MOVES)) for _ in range(2)] == [Opinion()] * 2
    assert len(asked) == 1
    assert "the report goes without the network: RuntimeError: CUDA out of memory" in capsys.readouterr().err
