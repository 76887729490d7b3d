"""What is asked of a player.

Shape key: N positions, A = 2,187 actions.
"""

from collections.abc import Callable
from functools import cached_property
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena import Player, PlayerContext, play_match
from keisei_core.observe import needs_of
from keisei_core.shogi import NUM_ACTIONS, Positions, legal_mask
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.corpus import corpus
from keisei_core.testing.streams import require_global_streams_stay
from keisei_core.testing.under_test import UnderTest

BATCHES: Final = (1, 2, 33)
ASKED_ALONE: Final = 20
NUM_GAMES: Final = 8
MAX_PLIES: Final = 40
CALLS: Final = 3
"""How often a player is asked where its random stream matters."""


@attrs.frozen(kw_only=True)
class PlayerUnderTest(UnderTest):
    """A player and what its author says about it."""

    make: Callable[[PlayerContext], Player]
    deterministic: bool = True
    """True where the seed decides every choice; False e.g. for one that thinks until a time is up."""
    device: str = "cpu"

    def build(self, seed: int = 0) -> Player:
        """Builds the player with this seed."""
        return self.make(PlayerContext(seed=seed, device=torch.device(self.device)))

    @cached_property
    def _questions(self) -> tuple[Positions, NDArray[np.uint8]]:
        positions = corpus(needs_of(self.build()).history)
        legal = legal_mask(positions)
        can_move = np.flatnonzero(legal.any(axis=1))
        return positions[can_move], legal[can_move]

    def questions(self, rows: slice = slice(None)) -> tuple[Positions, NDArray[np.uint8]]:
        """Returns positions of the corpus in which there is a legal move, and uint8 [N, A], 1 = legal; fresh copies."""
        positions, legal = self._questions
        return positions[np.arange(len(positions))[rows]], legal[rows].copy()


def check_any_batch(under_test: PlayerUnderTest) -> None:
    """One position or many: the answer is int32 [N]."""
    for num_positions in BATCHES:
        chosen: object = under_test.build().choose(*under_test.questions(slice(num_positions)))
        is_array = isinstance(chosen, np.ndarray)
        got = f"{chosen.dtype} {list(chosen.shape)}" if isinstance(chosen, np.ndarray) else type(chosen).__name__
        wanted = f"int32 [{num_positions}]"
        require(is_array and got == wanted, f"choose must return {wanted} for {num_positions} positions, got {got}")


def check_choices_are_legal(under_test: PlayerUnderTest) -> None:
    """Every choice is one of the legal actions, in hard positions and ordinary ones, alone and together."""
    positions, legal = under_test.questions()
    player = under_test.build()
    rows = [slice(None)] * CALLS + [slice(row, row + 1) for row in range(ASKED_ALONE)]
    for part in rows:
        chosen = np.asarray(under_test.build().choose(*under_test.questions(part))).reshape(-1)
        _require_legal(chosen, legal[part])
    _require_legal(np.asarray(player.choose(positions, legal.copy())).reshape(-1), legal)


def check_only_legal_action_is_found(under_test: PlayerUnderTest) -> None:
    """Where the mask leaves one action, that one is chosen, whatever the player would like better."""
    positions, legal = under_test.questions(slice(32))
    last = NUM_ACTIONS - 1 - legal[:, ::-1].argmax(axis=1)
    only = np.zeros_like(legal)
    only[np.arange(len(only)), last] = 1
    _require_legal(np.asarray(under_test.build().choose(positions, only.copy())).reshape(-1), only)


def check_seed_decides_choices(under_test: PlayerUnderTest) -> None:
    """Two players of the same seed, asked the same, answer the same, call after call."""
    ask_only_if(under_test.deterministic, "deterministic = False")
    first, second = under_test.build(seed=7), under_test.build(seed=7)
    for call in range(CALLS):
        one, other = (player.choose(*under_test.questions()) for player in (first, second))
        require(np.array_equal(one, other), f"players of the same seed must choose alike, they differ at call {call}")


def check_questions_are_left_alone(under_test: PlayerUnderTest) -> None:
    """Choosing reads positions and masks and changes nothing in them."""
    positions, legal = under_test.questions()
    under_test.build().choose(positions, legal)
    before, legal_before = under_test.questions()
    require(np.array_equal(legal, legal_before), "choose must not change the mask of legal actions")
    for name, array in before.arrays().items():
        same = np.array_equal(array, positions.arrays()[name])
        require(same, f"choose must not change positions, it changed {name}")


def check_other_random_streams_are_left_alone(under_test: PlayerUnderTest) -> None:
    """A match disturbs nothing: a player draws from a stream of its own, made from its seed."""
    advice = "draw from a stream of your own; build a network under torch.random.fork_rng()"
    require_global_streams_stay(
        lambda: under_test.build().choose(*under_test.questions()),
        f"a player must leave everybody's random streams alone, {{touched}} moved; {advice}",
    )


def check_whole_games(under_test: PlayerUnderTest) -> None:
    """One player sees games of both colours through to their end, fewer and fewer at a time."""
    player, other = under_test.build(seed=1), under_test.build(seed=2)
    try:
        for num_positions in reversed(BATCHES):
            player.choose(*under_test.questions(slice(num_positions)))
        score = play_match(player, other, num_games=NUM_GAMES, max_plies=MAX_PLIES, opening_plies=8, seed=3)
    except Exception as error:
        raise ContractError(f"a player must be able to play whole games, got {error!r}") from error
    require(score.games == NUM_GAMES, f"expected {NUM_GAMES} games, got {score.games}")


PLAYER_CHECKS: Final[tuple[Check, ...]] = (
    check_any_batch,
    check_choices_are_legal,
    check_only_legal_action_is_found,
    check_seed_decides_choices,
    check_questions_are_left_alone,
    check_other_random_streams_are_left_alone,
    check_whole_games,
)


def _require_legal(chosen: NDArray[np.int32], legal: NDArray[np.uint8]) -> None:
    in_range = (chosen >= 0) & (chosen < NUM_ACTIONS)
    good = in_range & (legal[np.arange(len(legal)), np.where(in_range, chosen, 0)] == 1)
    wrong = np.flatnonzero(~good)
    if len(wrong):
        row = wrong[0]
        require(False, f"every choice must be legal, got action {chosen[row]} at position {row} of {len(legal)}")
