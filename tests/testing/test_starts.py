"""The contract of starts finds what is wrong on purpose, and nothing else."""

import attrs
import numpy as np
import pytest

from keisei_core.shogi import START_SFEN, Positions, StartContext, parse_sfen
from keisei_core.testing import START_CHECKS, Outcome, StartUnderTest, failures, run_checks

MATED = "4k4/4G4/4P4/9/9/9/9/9/4K4 w - 2"


class Good:
    """Draws one of two positions."""

    def __init__(self, context: StartContext) -> None:
        positions = [parse_sfen(START_SFEN), parse_sfen("4k4/9/9/9/9/9/9/9/4K4 b R 1")]
        self.table = Positions.concatenate(positions)

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        return self.table[random.integers(2, size=num_positions)]


class OneTooMany(Good):
    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        return super().draw(num_positions + 1, random)


class TwoPawns(Good):
    def __init__(self, context: StartContext) -> None:
        row = parse_sfen("4k4/9/9/9/4P4/9/9/9/4K4 b - 1")
        row.board[0, 4 * 9 + 6] = row.board[0, 4 * 9 + 4]
        self.table = Positions.concatenate([row, row])


class Over(Good):
    def __init__(self, context: StartContext) -> None:
        self.table = Positions.concatenate([parse_sfen(MATED), parse_sfen(START_SFEN)])


class GoesThroughItsTable(Good):
    num_drawn = 0

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        first, self.num_drawn = self.num_drawn, self.num_drawn + num_positions + 1
        return self.table[(first + np.arange(num_positions)) % 2]


class ItsOwnTable(Good):
    def __init__(self, context: StartContext) -> None:
        super().__init__(context)
        self.table = self.table[np.zeros(10_000, int)]

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        return self.table[:num_positions]


class OfEverybodysStream(Good):
    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        np.random.seed(int(random.integers(1000)))  # noqa: NPY002
        return self.table[np.random.randint(2, size=num_positions)]  # noqa: NPY002


BROKEN: dict[str, type[Good]] = {
    "any_number": OneTooMany,
    "positions_are_possible": TwoPawns,
    "positions_can_be_played_on": Over,
    "stream_decides_draws": GoesThroughItsTable,
    "draws_are_fresh": ItsOwnTable,
    "other_random_streams_are_left_alone": OfEverybodysStream,
}


def test_good_start_passes_every_check() -> None:
    found = run_checks(START_CHECKS, StartUnderTest(make=Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 6


def test_every_check_has_a_start_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in START_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_start_breaks_just_its_check(check: str) -> None:
    assert list(failures(START_CHECKS, StartUnderTest(make=BROKEN[check]))) == [check]


def test_start_at_the_cap_of_the_games_is_found() -> None:
    late = StartUnderTest(make=Good, max_plies=0)

    assert "positions_can_be_played_on" in failures(START_CHECKS, late)


@pytest.mark.parametrize("wrong", ["list", "wide"])
def test_draw_of_another_form_is_found(wrong: str) -> None:
    class Wrong(Good):
        def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
            drawn = super().draw(num_positions, random)
            answers: dict[str, object] = {"list": [drawn], "wide": attrs.evolve(drawn, ply=drawn.ply.astype(int))}
            return answers[wrong]  # type: ignore[return-value]

    assert "any_number" in failures(START_CHECKS, StartUnderTest(make=Wrong))
