"""A decider may look ahead on branches of the games, with all that the games' past says of them."""

import numpy as np
import torch

from keisei_core.decide import Column, DeciderContext, Decision, GamesView
from keisei_core.evaluate import Evaluator
from keisei_core.experience import Lockstep
from keisei_core.shogi import Ending, Games, Starts, usi_to_action
from keisei_core.testing import DECIDER_CHECKS, DeciderUnderTest, failures
from keisei_core.testing.small_run import SmallRun

BACK_RANK = "8k/7pp/9/9/9/9/9/9/K8 b R 1"
LONE_KINGS = "4k4/9/9/9/9/9/9/9/4K4 b 2P 1"


class OnePlyAhead:
    """Plays the move whose outcome is best for the mover; of equal ones the one of the lowest number."""

    columns: tuple[Column, ...] = (Column("best", np.float32),)

    def __init__(self, context: DeciderContext) -> None:
        pass

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        rows, actions = np.nonzero(games.legal)
        branches = games.branch(rows)
        branches.play(actions.astype(np.int32))
        score = np.full(games.legal.shape, -np.inf, np.float32)
        score[rows, actions] = branches.reward
        action = score.argmax(axis=1).astype(np.int32)
        return Decision(action=action, columns={"best": score[np.arange(len(games)), action]})


def test_decider_that_branches_finds_the_mate() -> None:
    run, games = SmallRun(), Games(2, starts=Starts.from_sfens([BACK_RANK]))
    decider = OnePlyAhead(DeciderContext(num_games=2, device=torch.device("cpu")))
    source = Lockstep(games, decider, run.evaluator, run.stream(), num_plies=1, columns=decider.columns)

    segment, _ = source.next()

    assert segment.ending.tolist() == [[Ending.MATE, Ending.MATE]]
    assert segment.columns["best"].tolist() == [[1.0, 1.0]]


def test_branch_knows_the_past_of_its_game() -> None:
    games = Games(1, starts=Starts.from_sfens([LONE_KINGS]))
    for move in ("5i5h 5a5b 5h5i 5b5a " * 3).split()[:-1]:
        games.step(np.array([usi_to_action(games.positions, move)], np.int32))

    branches = GamesView(games).branch(np.array([0, 0]))
    moves = [usi_to_action(games.positions, move) for move in ("5b5a", "5b5c")]
    branches.play(np.array(moves, np.int32))

    assert branches.ending.tolist() == [Ending.REPETITION, Ending.NONE]
    assert games.ending.tolist() == [Ending.NONE]


def test_decider_that_branches_keeps_its_contract() -> None:
    assert failures(DECIDER_CHECKS, DeciderUnderTest(make=OnePlyAhead)) == {}
