"""What is asked of a player.

Shape key: N positions, A = 2,187 actions.
"""

from collections.abc import Callable
from functools import cached_property
from threading import Event
from typing import Any, Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena import Forfeit, Info, Limits, Never, Player, PlayerContext, Thought, play_match, think
from keisei_core.arena.followed_game import single_positions
from keisei_core.errors import KeiseiError
from keisei_core.observe import needs_of
from keisei_core.shogi import NUM_ACTIONS, Branches, Positions, action_to_usi, legal_mask, usi_to_action
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.corpus import corpus
from keisei_core.testing.streams import require_global_streams_stay
from keisei_core.testing.under_test import UnderTest

BATCHES: Final = (1, 2, 33)
ASKED_ALONE: Final = 20
THOUGHT_ABOUT: Final = 3
FEW: Final = 4
"""Moves that may be thought about, positions that may be looked at, and lines that may be told."""
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


def choices(player: Player, positions: Positions, legal: NDArray[np.uint8]) -> Any:
    """Asks a player; one that follows games about games that begin in the positions.

    Returns:
        What it answers; of one that follows games int32 [N], a legal action where it resigns.
    """
    if not getattr(player, "follows_games", False):
        return player.choose(positions, legal)
    first_legal = legal.argmax(axis=1)
    asked: Any = player
    answers = list(asked.choose(positions, legal, single_positions(positions)))
    for answer in answers:
        is_fault = isinstance(answer, Forfeit) and answer.kind.is_fault
        is_answer = isinstance(answer, (int, np.integer, Forfeit)) and not is_fault
        require(is_answer, f"a player that follows games must answer with actions, or resign; got {answer!r}")
    require(len(answers) == len(positions), f"expected {len(positions)} answers, got {len(answers)}")
    pairs = zip(answers, first_legal, strict=True)
    return np.array([instead if isinstance(answer, Forfeit) else answer for answer, instead in pairs], np.int32)


def check_any_batch(under_test: PlayerUnderTest) -> None:
    """One position or many: the answer is int32 [N]."""
    for num_positions in BATCHES:
        chosen = choices(under_test.build(), *under_test.questions(slice(num_positions)))
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
        chosen = np.asarray(choices(under_test.build(), *under_test.questions(part))).reshape(-1)
        _require_legal(chosen, legal[part])
    _require_legal(np.asarray(choices(player, positions, legal.copy())).reshape(-1), legal)


def check_only_legal_action_is_found(under_test: PlayerUnderTest) -> None:
    """Where the mask leaves one action, that one is chosen, whatever the player would like better."""
    positions, legal = under_test.questions(slice(32))
    last = NUM_ACTIONS - 1 - legal[:, ::-1].argmax(axis=1)
    only = np.zeros_like(legal)
    only[np.arange(len(only)), last] = 1
    _require_legal(np.asarray(choices(under_test.build(), positions, only.copy())).reshape(-1), only)


def check_seed_decides_choices(under_test: PlayerUnderTest) -> None:
    """Two players of the same seed, asked the same, answer the same, call after call."""
    ask_only_if(under_test.deterministic, "deterministic = False")
    first, second = under_test.build(seed=7), under_test.build(seed=7)
    for call in range(CALLS):
        one, other = (choices(player, *under_test.questions()) for player in (first, second))
        require(np.array_equal(one, other), f"players of the same seed must choose alike, they differ at call {call}")


def check_questions_are_left_alone(under_test: PlayerUnderTest) -> None:
    """Choosing reads positions and masks and changes nothing in them."""
    positions, legal = under_test.questions()
    choices(under_test.build(), positions, legal)
    before, legal_before = under_test.questions()
    require(np.array_equal(legal, legal_before), "choose must not change the mask of legal actions")
    for name, array in before.arrays().items():
        same = np.array_equal(array, positions.arrays()[name])
        require(same, f"choose must not change positions, it changed {name}")


def check_other_random_streams_are_left_alone(under_test: PlayerUnderTest) -> None:
    """A match disturbs nothing: a player draws from a stream of its own, made from its seed."""
    advice = "draw from a stream of your own; build a network under torch.random.fork_rng()"
    require_global_streams_stay(
        lambda: choices(under_test.build(), *under_test.questions()),
        f"a player must leave everybody's random streams alone, {{touched}} moved; {advice}",
    )


def check_whole_games(under_test: PlayerUnderTest) -> None:
    """One player sees games of both colours through to their end, fewer and fewer at a time."""
    player, other = under_test.build(seed=1), under_test.build(seed=2)
    try:
        for num_positions in reversed(BATCHES):
            choices(player, *under_test.questions(slice(num_positions)))
        score = play_match(player, other, num_games=NUM_GAMES, max_plies=MAX_PLIES, opening_plies=8, seed=3)
    except Exception as error:
        raise ContractError(f"a player must be able to play whole games, got {error!r}") from error
    require(score.games == NUM_GAMES, f"expected {NUM_GAMES} games, got {score.games}")


def check_thinking_ends_with_a_legal_move(under_test: PlayerUnderTest) -> None:
    """A player that can think about one game keeps to the moves it is given, ends when told, and tells legal lines."""
    ask_only_if(hasattr(under_test.build(), "think"), "no method think")
    positions, legal = under_test.questions(slice(THOUGHT_ABOUT))
    player, stopped = under_test.build(), Event()
    stopped.set()
    for row in range(THOUGHT_ABOUT):
        position = positions[row : row + 1]
        moves = tuple(np.flatnonzero(legal[row])[:FEW].tolist())
        for stop, limits in ((Never(), Limits(nodes=FEW, moves=moves, lines=FEW)), (stopped, Limits(moves=moves))):
            told: list[Info] = []
            thought = think(player, position, None, limits, stop, told.append)
            require(thought.action in moves, f"think must return one of the moves {moves}, got {thought.action}")
            is_last = bool(told) and told[-1] == thought.info
            require(is_last, "think must call tell before it ends, with what it returns")
            _require_lines(thought, position)


PLAYER_CHECKS: Final[tuple[Check, ...]] = (
    check_any_batch,
    check_choices_are_legal,
    check_only_legal_action_is_found,
    check_seed_decides_choices,
    check_questions_are_left_alone,
    check_other_random_streams_are_left_alone,
    check_whole_games,
    check_thinking_ends_with_a_legal_move,
)


def _require_lines(thought: Thought, position: Positions) -> None:
    first, lines = action_to_usi(position, thought.action), thought.info.lines
    begins = lines[0].moves[0] if lines and lines[0].moves else None
    require(begins == first, f"the first line must begin with the move to play, {first}, got {begins}")
    for line in lines:
        branch = Branches.of_positions(position, MAX_MAX_PLIES)
        try:
            for move in line.moves:
                branch.play(np.array([usi_to_action(branch.positions, move)], np.int32))
        except KeiseiError as error:
            raise ContractError(f"lines must be of legal moves, got {' '.join(line.moves)}: {error}") from error


def _require_legal(chosen: NDArray[np.int32], legal: NDArray[np.uint8]) -> None:
    in_range = (chosen >= 0) & (chosen < NUM_ACTIONS)
    good = in_range & (legal[np.arange(len(legal)), np.where(in_range, chosen, 0)] == 1)
    wrong = np.flatnonzero(~good)
    if len(wrong):
        row = wrong[0]
        require(False, f"every choice must be legal, got action {chosen[row]} at position {row} of {len(legal)}")
