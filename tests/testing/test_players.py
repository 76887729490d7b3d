"""The contract of players finds what is wrong on purpose, and nothing else."""

import attrs
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from keisei_core.arena import (
    FollowedGame,
    Forfeit,
    ForfeitKind,
    Limits,
    Line,
    PlayerContext,
    Stop,
    Tell,
    Thought,
    think,
)
from keisei_core.shogi import Branches, Positions, format_sfen, legal_mask
from keisei_core.testing import PLAYER_CHECKS, Outcome, PlayerUnderTest, failures, run_checks

Actions = NDArray[np.int32]
Mask = NDArray[np.uint8]


class Good:
    """Draws a legal action from its own stream."""

    def __init__(self, context: PlayerContext) -> None:
        self.random = np.random.default_rng(context.seed)

    def choose(self, positions: Positions, legal: Mask) -> Actions:
        lots = self.random.random(legal.shape) + 1
        return (lots * legal).argmax(axis=1).astype(np.int32)


class WideIntegers(Good):
    def choose(self, positions: Positions, legal: Mask) -> Actions:
        return super().choose(positions, legal).astype(np.int64)  # type: ignore[return-value]


class LosesItselfInManyMoves(Good):
    def choose(self, positions: Positions, legal: Mask) -> Actions:
        chosen = super().choose(positions, legal)
        return np.where(legal.sum(axis=1) > 512, legal.argmin(axis=1), chosen).astype(np.int32)


class KnowsBetterThanTheMask(Good):
    def choose(self, positions: Positions, legal: Mask) -> Actions:
        return super().choose(positions, legal_mask(positions))


class OfNoSeed(Good):
    def __init__(self, context: PlayerContext) -> None:
        self.random = np.random.default_rng()


class CrossesOut(Good):
    def choose(self, positions: Positions, legal: Mask) -> Actions:
        chosen = super().choose(positions, legal)
        legal[np.arange(len(legal)), chosen] = 0
        return chosen


class OfEverybodysStream(Good):
    def choose(self, positions: Positions, legal: Mask) -> Actions:
        np.random.seed(int(self.random.integers(1000)))  # noqa: NPY002
        lots = np.random.random(legal.shape) + 1  # noqa: NPY002
        return (lots * legal).argmax(axis=1).astype(np.int32)


class OfAsManyGamesAsAtFirst(Good):
    num_games = 0

    def choose(self, positions: Positions, legal: Mask) -> Actions:
        self.num_games = self.num_games or len(positions)
        return super().choose(positions, legal + np.zeros((self.num_games, 1), np.uint8))


class ThinksOfOtherMoves(Good):
    def think(self, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell) -> Thought:
        return think(Good(PlayerContext(seed=1, device=torch.device("cpu"))), position, past, Limits(), stop, tell)


BROKEN: dict[str, type[Good]] = {
    "any_batch": WideIntegers,
    "choices_are_legal": LosesItselfInManyMoves,
    "only_legal_action_is_found": KnowsBetterThanTheMask,
    "seed_decides_choices": OfNoSeed,
    "questions_are_left_alone": CrossesOut,
    "other_random_streams_are_left_alone": OfEverybodysStream,
    "whole_games": OfAsManyGamesAsAtFirst,
    "thinking_ends_with_a_legal_move": ThinksOfOtherMoves,
}


def test_good_player_passes_every_check() -> None:
    found = run_checks(PLAYER_CHECKS, PlayerUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 7 + [Outcome.NOT_ASKED]


@pytest.mark.parametrize(
    ("wrong", "complaint"),
    [
        ("untold", "think must call tell before it ends, with what it returns"),
        ("other", "the first line must begin with the move to play"),
        ("illegal", "lines must be of legal moves"),
    ],
)
def test_what_thinking_tells_is_looked_at(wrong: str, complaint: str) -> None:
    class Wrong(Good):
        def think(self, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell) -> Thought:
            thought = think(Good(PlayerContext(seed=1, device=torch.device("cpu"))), position, past, limits, stop, str)
            moves = {"other": ("5e5e",), "illegal": (thought.info.lines[0].moves[0], "5e5e")}
            line = Line(moves=moves.get(wrong, thought.info.lines[0].moves), value=0.0)
            info = attrs.evolve(thought.info, lines=(line,))
            if wrong != "untold":
                tell(info)
            return attrs.evolve(thought, info=info)

    found = failures(PLAYER_CHECKS, PlayerUnderTest(make=Wrong))
    assert complaint in str(found["thinking_ends_with_a_legal_move"])


def test_every_check_has_a_player_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in PLAYER_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_player_breaks_just_its_check(check: str) -> None:
    assert list(failures(PLAYER_CHECKS, PlayerUnderTest(make=BROKEN[check]))) == [check]


@pytest.mark.parametrize("wrong", ["column", "list", "squeezed"])
def test_answer_of_another_shape_is_found(wrong: str) -> None:
    class Wrong(Good):
        def choose(self, positions: Positions, legal: Mask) -> Actions:
            chosen = super().choose(positions, legal)
            answers: dict[str, object] = {"column": chosen[:, None], "list": list(chosen), "squeezed": chosen.squeeze()}
            return answers[wrong]  # type: ignore[return-value]

    assert "any_batch" in failures(PLAYER_CHECKS, PlayerUnderTest(make=Wrong))


def test_action_out_of_range_is_illegal() -> None:
    class Wrong(Good):
        def choose(self, positions: Positions, legal: Mask) -> Actions:
            return np.full(len(positions), 2187, np.int32)

    assert "choices_are_legal" in failures(PLAYER_CHECKS, PlayerUnderTest(make=Wrong))


def test_player_declared_not_deterministic_is_not_asked_for_it() -> None:
    found = run_checks(PLAYER_CHECKS, PlayerUnderTest(make=OfNoSeed, deterministic=False))

    assert [finding.check for finding in found if finding.outcome is Outcome.NOT_ASKED][:1] == ["seed_decides_choices"]


class Follows(Good):
    follows_games = True

    def choose(self, positions: Positions, legal: Mask, games: list[FollowedGame]) -> list[int | Forfeit]:  # type: ignore[override]
        assert [game.start for game in games] == [format_sfen(positions, row) for row in range(len(positions))] or any(
            game.moves for game in games
        )
        chosen: list[int | Forfeit] = super().choose(positions, legal).tolist()
        if len(chosen) > 1:
            chosen[0] = Forfeit(kind=ForfeitKind.RESIGNATION)
        return chosen


def test_good_player_that_follows_games_and_resigns_passes_every_check() -> None:
    found = run_checks(PLAYER_CHECKS, PlayerUnderTest(make=Follows))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 7 + [Outcome.NOT_ASKED]


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        ([Forfeit(kind=ForfeitKind.SILENCE, last_words=("hm",))], "must answer with actions, or resign; got Forfeit"),
        (["7g7f"], "must answer with actions, or resign; got '7g7f'"),
        ([0, 0], "expected 1 answers, got 2"),
    ],
)
def test_answers_of_a_player_that_follows_games_are_looked_at(answer: list[object], complaint: str) -> None:
    class Wrong(Follows):
        def choose(self, positions: Positions, legal: Mask, games: list[FollowedGame]) -> list[int | Forfeit]:  # type: ignore[override]
            return answer  # type: ignore[return-value]

    assert complaint in str(failures(PLAYER_CHECKS, PlayerUnderTest(make=Wrong))["any_batch"])
