"""What the network of a run makes of games: values, likely moves, mates that it missed, pieces that it left hanging.

Shape key: N positions of a game, A = 2,187 actions.
"""

import re
from pathlib import Path
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena import find_network
from keisei_core.errors import ConfigError, KeiseiError
from keisei_core.evaluate import Evaluator
from keisei_core.plugins import load_registry
from keisei_core.records import Game
from keisei_core.shogi import (
    BLACK,
    PIECE_VALUES,
    Branches,
    Positions,
    action_to_usi,
    exchange_values,
    find_mates,
    parse_sfen,
)
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_core.shogi.starts import join
from keisei_core.shown import one_line
from keisei_core.streams import say

MOST_MOVES: Final = 6
"""Of a position, the likeliest."""
LEAST: Final = 2
"""Per cent of a move that is told of."""
HANGING: Final = 5
"""Pawns' worth that a move loses against the best, exchanges counted: it leaves a piece hanging, as `keisei benchmark`
has it."""
BATCH: Final = 256


@attrs.frozen(kw_only=True)
class Opinion:
    """Of one game, by its plies; empty where nobody was asked."""

    values: list[float | None] = attrs.field(factory=list)
    """Expected result for the side that moves."""
    policies: list[str] = attrs.field(factory=list)
    """Likeliest moves with per cent, `7g7f 34 2g2f 20`."""
    mates: int = 0
    """Positions in which the network could mate in one."""
    missed: list[int] = attrs.field(factory=list)
    """Plies at which it did not."""
    hanging: list[int] = attrs.field(factory=list)
    """Plies at which it left a piece hanging."""


class Opinions:
    """The newest network of a run, as far as it can be had."""

    def __init__(self, evaluator: Evaluator | None, checkpoint: str) -> None:
        self.evaluator = evaluator
        self.checkpoint = checkpoint
        """Its name, empty where there is none."""

    @classmethod
    def of(cls, run: Path, *, on_gpu: bool) -> "Opinions":
        """Reads the network of a run; says so where that can't be done.

        Args:
            run: its folder.
            on_gpu: whether a GPU is asked, if there is one.
        """
        device = torch.device("cuda" if on_gpu and torch.cuda.is_available() else "cpu")
        try:
            network = find_network(run)
            evaluator = network.evaluator(load_registry(), device)
        except (KeiseiError, RuntimeError) as error:  # RuntimeError: torch has no memory for it, say
            _tell(error)
            return cls.none()
        return cls(evaluator, network.path.name)

    @classmethod
    def none(cls) -> "Opinions":
        """Returns nobody's opinions."""
        return cls(None, "")

    @property
    def parameters(self) -> int | None:
        """Parameters of the network."""
        if self.evaluator is None:
            return None
        return sum(parameter.numel() for parameter in self.evaluator.network.network.parameters())

    def of_game(self, game: Game) -> Opinion:
        """Returns what the network makes of a game; nothing of one without moves, nor once the network has failed.

        Raises:
            ConfigError: a move of the game is not legal.
        """
        if self.evaluator is None or not game.moves:
            return Opinion()
        positions, legal, actions = replayed(game, self.evaluator.features.needs.history)
        try:
            values, chances = self._asked(self.evaluator, positions, legal)
        except (KeiseiError, RuntimeError) as error:
            _tell(error)
            self.evaluator = None
            return Opinion()
        is_own = _own(game, len(positions))
        mates = find_mates(positions, legal).astype(np.bool_)
        rows = np.arange(len(positions))
        can_mate, has_mated = mates.any(axis=1) & is_own, mates[rows, actions]
        exchanges = np.where(legal == 1, exchange_values(positions, legal, PIECE_VALUES), np.iinfo(np.int32).min)
        lost = exchanges.max(axis=1) - exchanges[rows, actions]
        return Opinion(
            values=[round(float(value), 2) for value in values],
            policies=[_likeliest(positions, chances, row) for row in rows.tolist()],
            mates=int(can_mate.sum()),
            missed=np.flatnonzero(can_mate & ~has_mated).tolist(),
            hanging=np.flatnonzero(is_own & ~has_mated & (lost >= HANGING)).tolist(),
        )

    @staticmethod
    def _asked(
        evaluator: Evaluator, positions: Positions, legal: NDArray[np.uint8]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Returns the mover's values, float32 [N], and the chances of moves, float32 [N, A]."""
        evaluator.network.eval()
        values, chances = [], []
        for first in range(0, len(positions), BATCH):
            rows = slice(first, first + BATCH)
            log_probs, value = evaluator.policy_and_value(positions[rows], legal[rows])
            values.append(value.float().cpu().numpy().clip(-1, 1))
            chances.append(log_probs.exp().float().cpu().numpy())
        return np.concatenate(values), np.concatenate(chances)


def replayed(game: Game, num_earlier: int) -> tuple[Positions, NDArray[np.uint8], NDArray[np.int32]]:
    """Returns the N positions in which somebody moved, with so many before each, their legal moves, and the moves.

    Returns:
        The positions, uint8 [N, A] and int32 [N].

    Raises:
        ConfigError: a move is not legal.
    """
    branches = Branches.of_positions(parse_sfen(game.start).with_history(num_earlier), MAX_MAX_PLIES)
    positions, legal = [], []
    actions: list[int] = []
    for usi in game.moves:
        action = _action(branches, usi)
        if action is None:
            raise ConfigError([_illegal(game, len(actions))])
        positions.append(branches.positions[np.array([0])])
        legal.append(branches.legal.copy())
        actions.append(action)
        branches.play(np.array([action], np.int32))
    return join(positions), np.concatenate(legal), np.array(actions, np.int32)


def _action(branches: Branches, usi: str) -> int | None:
    """Finds the action of a move among those that go where it goes; None of one that is not legal."""
    if not re.fullmatch(".*[1-9][a-i][+]?", usi):
        return None
    square = (int(usi[2]) - 1) * 9 + "abcdefghi".index(usi[3])
    target = square if branches.positions.side_to_move[0] == BLACK else 80 - square
    candidates = [int(action) for action in np.flatnonzero(branches.legal[0]) if action % 81 == target]
    return next((action for action in candidates if action_to_usi(branches.positions, action) == usi), None)


def _tell(error: Exception) -> None:
    """Says why a network is not asked."""
    told = str(error) if isinstance(error, KeiseiError) else one_line(error)
    say(f"keisei: note: the report goes without the network: {told}")


def _illegal(game: Game, ply: int) -> str:
    """Says which move of which game is not legal."""
    which = game.event or "a game"
    return f"{which}: expected legal moves, got {game.moves[ply]!r} at ply {ply + 1} from sfen {game.start!r}"


def _likeliest(positions: Positions, chances: NDArray[np.float32], row: int) -> str:
    best = np.argsort(-chances[row], kind="stable")[:MOST_MOVES]
    told = ((action, round(100 * float(chances[row, action]))) for action in best.tolist())
    return " ".join(f"{action_to_usi(positions, action, row)} {share}" for action, share in told if share >= LEAST)


def _own(game: Game, count: int) -> NDArray[np.bool_]:
    """Returns at which plies the network moved, bool [N]: all of self-play."""
    if not game.first:
        return np.ones(count, np.bool_)
    is_own: NDArray[np.bool_] = (np.arange(count) % 2 == 0) == game.first_begins
    return is_own
