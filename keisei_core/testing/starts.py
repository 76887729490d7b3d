"""What is asked of a start of games.

Shape key: N positions.
"""

from collections.abc import Callable
from typing import Final

import attrs
import numpy as np

from keisei_core.errors import SfenError
from keisei_core.shogi import Positions, StartContext, StartSource, format_sfen
from keisei_core.shogi.possible import check_possible
from keisei_core.shogi.start_source import READ
from keisei_core.shogi.starts import check_playable
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, require
from keisei_core.testing.streams import require_global_streams_stay
from keisei_core.testing.under_test import UnderTest

NUMBERS: Final = (1, 2, 33)
NUM_DRAWN: Final = 512
"""Positions that are looked at one by one."""


@attrs.frozen(kw_only=True)
class StartUnderTest(UnderTest):
    """A start and what its author says about it."""

    make: Callable[[StartContext], StartSource]
    max_plies: int = 512
    """The ply number at which the games that it is for are cut off."""

    def build(self) -> StartSource:
        """Builds the source."""
        return self.make(StartContext(max_plies=self.max_plies))

    def drawn(self, num_positions: int = NUM_DRAWN, seed: int = 1) -> Positions:
        """Draws from a source that has drawn nothing yet."""
        return self.build().draw(num_positions, np.random.default_rng(seed))


def check_any_number(under_test: StartUnderTest) -> None:
    """As many positions are drawn as were asked for, one or many, each array of its dtype and shape."""
    for num_positions in NUMBERS:
        drawn: object = under_test.drawn(num_positions)
        require(isinstance(drawn, Positions), f"draw must return Positions, got {type(drawn).__name__}")
        assert isinstance(drawn, Positions)
        for name in READ:
            array, expected = getattr(drawn, name), getattr(Positions.empty(num_positions), name)
            is_right = (array.dtype, array.shape) == (expected.dtype, expected.shape)
            wanted, got = f"{expected.dtype} {list(expected.shape)}", f"{array.dtype} {list(array.shape)}"
            require(is_right, f"draw must return {name} {wanted} for {num_positions} positions, got {got}")


def check_positions_are_possible(under_test: StartUnderTest) -> None:
    """A game could have left every position: one king each, no piece too many, no king that can be taken."""
    drawn = under_test.drawn()
    try:
        check_possible(drawn, lambda row: format_sfen(drawn, row))
    except SfenError as error:
        raise ContractError(f"draw must return positions that could stand in a game: {error}") from error


def check_positions_can_be_played_on(under_test: StartUnderTest) -> None:
    """Every position has a legal move, and stands before the ply at which games are cut off."""
    try:
        check_playable(under_test.drawn(), under_test.max_plies)
    except SfenError as error:
        raise ContractError(f"draw must return positions that can be played on: {error}") from error


def check_stream_decides_draws(under_test: StartUnderTest) -> None:
    """A stream in the same state draws the same again, whatever was drawn before: resumed runs ask for it."""
    moved_on = under_test.build()
    moved_on.draw(NUM_DRAWN, np.random.default_rng(2))
    again = moved_on.draw(NUM_DRAWN, np.random.default_rng(1))
    for name in READ:
        same = np.array_equal(getattr(under_test.drawn(seed=1), name), getattr(again, name))
        require(same, f"the stream alone must decide what is drawn; a source that drew before draws another {name}")


def check_draws_are_fresh(under_test: StartUnderTest) -> None:
    """What was drawn is the caller's: no later draw writes into it, and no change of it shows in one."""
    source, random = under_test.build(), np.random.default_rng(1)
    first, second = source.draw(NUM_DRAWN, random), source.draw(NUM_DRAWN, random)
    shared = [name for name, array in first.arrays().items() if np.shares_memory(array, second.arrays()[name])]
    require(not shared, f"every draw must return arrays of its own, two draws share {shared}; copy them")


def check_other_random_streams_are_left_alone(under_test: StartUnderTest) -> None:
    """Only the stream that is given is drawn from."""
    require_global_streams_stay(
        under_test.drawn,
        "a start must leave everybody's random streams alone, {touched} moved; draw from `random`",
    )


START_CHECKS: Final[tuple[Check, ...]] = (
    check_any_number,
    check_positions_are_possible,
    check_positions_can_be_played_on,
    check_stream_decides_draws,
    check_draws_are_fresh,
    check_other_random_streams_are_left_alone,
)
