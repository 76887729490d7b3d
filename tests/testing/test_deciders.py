"""The contract of deciders finds what is wrong on purpose, and nothing else."""

from typing import Any

import attrs
import numpy as np
import pytest
import torch

from keisei_core.decide import (
    Column,
    DeciderContext,
    Decision,
    GamesView,
    PolicyDecider,
    Stages,
    decision_of,
)
from keisei_core.evaluate import Evaluator
from keisei_core.testing import DECIDER_CHECKS, DeciderUnderTest, Outcome, failures, run_checks

Good = PolicyDecider


class TwoOfOneName(Good):
    columns = (*Good.columns, Good.columns[0])


class LosesItselfInManyMoves(Good):
    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        decision = super().decide(games, evaluator, stream)
        action = np.where(games.legal.sum(axis=1) > 512, games.legal.argmin(axis=1), decision.action)
        return attrs.evolve(decision, action=action.astype(np.int32))


class RowsOfOne(Good):
    columns = (*Good.columns, Column("spread", np.float32))

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        decision = super().decide(games, evaluator, stream)
        return attrs.evolve(decision, columns={**decision.columns, "spread": np.zeros((len(games), 1), np.float32)})


class GivesAllUpAtOnce(Good):
    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        return attrs.evolve(super().decide(games, evaluator, stream), gives_up=np.zeros(1, np.bool_))


class OfItsOwnStream(Good):
    """Draws from a stream that nobody keeps, where there is much to choose from."""

    def __init__(self, context: DeciderContext) -> None:
        self.own = torch.Generator()
        self.own.seed()

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        is_hard = bool((games.legal.sum(axis=1) > 512).any())
        return super().decide(games, evaluator, self.own if is_hard else stream)


class CoolsDown(Good):
    """Is greedy from its second call on: no resumed run would know."""

    calls = 0

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        decision = super().decide(games, evaluator, stream)
        self.calls += 1
        log_probs, _ = evaluator.policy_and_value(games.positions, games.legal)
        greedy = log_probs.argmax(dim=1).cpu().numpy().astype(np.int32)
        return decision if self.calls == 1 else attrs.evolve(decision, action=greedy)


class KeepsItsAnswer(Good):
    """Has room for one decision at a time."""

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        return decision_of(self.stages(games, evaluator, stream))

    def stages(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Stages:
        self.answer = decision_of(super().stages(games, evaluator, stream))
        yield
        return self.answer


class CrossesOut(Good):
    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        decision = super().decide(games, evaluator, stream)
        games.turns[:] = False
        return decision


class OfEverybodysStream(Good):
    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        torch.manual_seed(int(torch.randint(1000, (1,), generator=stream)))
        log_probs, value = evaluator.policy_and_value(games.positions, games.legal)
        action = torch.multinomial(log_probs.exp(), 1)[:, 0].numpy().astype(np.int32)
        chosen = log_probs.numpy()[np.arange(len(games)), action]
        return Decision(action=action, columns={"log_prob": chosen, "value": value.numpy()})


class RunsTheNetworkItself(Good):
    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        planes = torch.from_numpy(evaluator.features.encode(games.positions))
        evaluator.network(planes, torch.zeros(len(games)))
        return super().decide(games, evaluator, stream)


class Trains(Good):
    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        evaluator.network.train()
        return super().decide(games, evaluator, stream)


class CountsOnOneGame(Good):
    """Expects a game's plies to become more and more."""

    last_ply = 0

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        ply = int(games.positions.ply[0])
        decision = super().decide(games, evaluator, stream)
        is_behind, self.last_ply = ply < self.last_ply, ply
        return attrs.evolve(decision, action=decision.action - 2187) if is_behind else decision


BROKEN: dict[str, type[Any]] = {
    "columns_are_declared": TwoOfOneName,
    "actions_are_legal": LosesItselfInManyMoves,
    "columns_are_given": RowsOfOne,
    "giving_up_is_told_by_game": GivesAllUpAtOnce,
    "stream_decides": OfItsOwnStream,
    "nothing_is_remembered": CoolsDown,
    "decisions_in_turns_are_apart": KeepsItsAnswer,
    "games_are_left_alone": CrossesOut,
    "other_random_streams_are_left_alone": OfEverybodysStream,
    "no_gradient_is_recorded": RunsTheNetworkItself,
    "network_is_left_alone": Trains,
    "whole_games": CountsOnOneGame,
}


def test_good_decider_passes_every_check() -> None:
    found = run_checks(DECIDER_CHECKS, DeciderUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * len(DECIDER_CHECKS)


def test_every_check_has_a_decider_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in DECIDER_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_decider_breaks_just_its_check(check: str) -> None:
    assert list(failures(DECIDER_CHECKS, DeciderUnderTest(make=BROKEN[check]))) == [check]


def test_column_of_nan_is_found() -> None:
    class Wrong(Good):
        def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
            decision = super().decide(games, evaluator, stream)
            return attrs.evolve(decision, columns={**decision.columns, "value": np.full(len(games), np.nan, "f4")})

    assert "columns_are_given" in failures(DECIDER_CHECKS, DeciderUnderTest(make=Wrong))


def test_action_out_of_range_is_illegal() -> None:
    class Wrong(Good):
        def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
            decision = super().decide(games, evaluator, stream)
            return attrs.evolve(decision, action=np.where(games.turns, decision.action, -1).astype(np.int32))

    assert "actions_are_legal" in failures(DECIDER_CHECKS, DeciderUnderTest(make=Wrong))
