"""Giving games up in self-play: how they end, what is stored of them, and how often it would have been wrong."""

import numpy as np
import pytest
import torch

from keisei_core.decide import Decision, GamesView
from keisei_core.errors import PluginError
from keisei_core.experience import Lockstep, PlayReport
from keisei_core.experience.resignations import NOBODY, Resignations
from keisei_core.shogi import Ending, Games

NUM_GAMES, NUM_PLIES = 6, 4
BLACK, WHITE = 0, 1


class Idle:
    """Stands in for an evaluator that nobody asks."""

    network = torch.nn.Identity()

    def watch(self):
        """Looks at nothing."""

    def require_values(self):
        """Finds nothing wrong."""


class Tired:
    """Plays the first legal move, and gives up where the game is at a certain ply."""

    columns = ()

    def __init__(self, ply: int) -> None:
        self.ply = ply

    def decide(self, games: GamesView, evaluator, stream):
        action = games.legal.argmax(axis=1).astype(np.int32)
        return Decision(action=action, columns={}, gives_up=games.positions.ply == self.ply)


def play(decider, *, in_halves: bool = False, played_on: float = 0.0, num_recorded: int = 0):
    source = Lockstep(
        Games(NUM_GAMES, seed=1, history=1),
        decider,
        Idle(),
        torch.Generator(),
        num_plies=NUM_PLIES,
        columns=(),
        num_recorded=num_recorded,
        in_halves=in_halves,
        played_on=played_on,
    )
    return source, *source.next()


@pytest.mark.parametrize("in_halves", [False, True])
def test_game_that_is_given_up_ends_lost_for_who_was_to_move_and_another_begins(in_halves):
    source, segment, report = play(Tired(2), in_halves=in_halves)

    ends = [Ending.NONE, Ending.NONE, Ending.RESIGNATION, Ending.NONE]
    assert segment.ending.tolist() == [[end] * NUM_GAMES for end in ends]
    assert segment.reward[2].tolist() == [-1] * NUM_GAMES
    assert segment.outcomes.result[:3].tolist() == [[-1] * NUM_GAMES, [1] * NUM_GAMES, [-1] * NUM_GAMES]
    assert segment.positions.ply.reshape(NUM_PLIES, NUM_GAMES)[:, 0].tolist() == [0, 1, 2, 0]
    assert (source.games.positions.ply == 1).all()
    assert report.endings[Ending.RESIGNATION] == report.num_finished == NUM_GAMES
    assert report.finished_plies == 2 * NUM_GAMES


def test_new_game_has_nothing_of_the_one_given_up_before_it():
    _, segment, _ = play(Tired(2))

    assert segment.positions_of(np.arange(2 * NUM_GAMES, 3 * NUM_GAMES)).history.any()
    assert not segment.positions_of(np.arange(3 * NUM_GAMES, 4 * NUM_GAMES)).history.any()


def test_record_of_a_game_given_up_has_the_moves_played_and_the_winner():
    _, _, report = play(Tired(3), num_recorded=1)

    (record,) = report.records
    assert (len(record.moves), record.ending, record.winner) == (3, "resignation", "black")


def test_last_games_are_played_on():
    source, segment, report = play(Tired(2), played_on=0.5)

    assert (segment.ending[2] == Ending.RESIGNATION).tolist() == [True] * 3 + [False] * 3
    assert source.resignations.state() == [NOBODY] * 3 + [BLACK] * 3
    assert report.endings[Ending.RESIGNATION] == 3


@pytest.mark.parametrize(("num_games", "share", "plays_on"), [(4, 0.1, 1), (4, 0.0, 0), (4, 0.5, 2), (4, 1.0, 4)])
def test_few_games_have_one_that_is_played_on_too(num_games, share, plays_on):
    assert Resignations(num_games, share).plays_on.tolist() == [False] * (num_games - plays_on) + [True] * plays_on


def test_who_gave_up_first_is_remembered_until_the_end_and_judged_by_the_result():
    games, report = Resignations(4, 1.0), PlayReport()
    sides = np.array([BLACK, WHITE, BLACK, WHITE], np.uint8)

    assert not games.accept(np.array([True, True, True, False]), sides).any()
    games.accept(np.ones(4, np.bool_), 1 - sides)
    assert games.loser.tolist() == [BLACK, WHITE, BLACK, BLACK]

    ending = np.array([Ending.MATE, Ending.MATE, Ending.REPETITION, Ending.MAX_PLIES], np.uint8)
    reward = np.array([1, 1, 0, 0], np.float32)
    games.count(np.arange(4), ending, reward, np.array([WHITE, WHITE, BLACK, BLACK], np.uint8), report)

    # Black lost as he thought, White won and Black drew against expectation; the last game has no result.
    assert (report.tested_resignations, report.wrong_resignations) == (3, 2)
    assert games.loser.tolist() == [NOBODY] * 4


def test_state_keeps_who_gave_up():
    source, *_ = play(Tired(2), played_on=1.0)
    other, *_ = play(Tired(9), played_on=1.0)
    other.load_state(*source.state())

    assert other.resignations.state() == source.resignations.state() == [BLACK] * NUM_GAMES


@pytest.mark.parametrize(("gives_up", "got"), [(np.zeros(1), r"float64 \[1\]"), ([False] * NUM_GAMES, "list")])
def test_giving_up_that_is_not_told_by_game_is_the_deciders_fault(gives_up, got):
    class Wrong(Tired):
        def decide(self, games, evaluator, stream):
            return Decision(action=super().decide(games, evaluator, stream).action, columns={}, gives_up=gives_up)

    with pytest.raises(PluginError, match=rf"where games are given up, bool \[6\], got {got}$"):
        play(Wrong(2))
