"""Earlier snapshots of the network as opponents in some of the games.

A game has one opponent for its whole length, and the learner one side, which changes from game to game. The games with
an opponent are the first ones of the batch.

Shape key: G games with an opponent, N positions.
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.distribution import DistributionBackend
from keisei_core.evaluate import Evaluator, sample
from keisei_core.shogi import Positions

ITSELF: Final = -1
"""Opponent of a game that began before there was a snapshot: the learner plays both sides."""


class OpponentPool:
    """Some snapshots, each in a numbered slot, and who plays whom."""

    def __init__(
        self, learner: Evaluator, *, num_games: int, size: int, seed: int, acting: Evaluator | None = None
    ) -> None:
        """Begins without snapshots.

        Args:
            learner: whose network is copied into the pool.
            num_games: G.
            size: snapshots kept.
            seed: of the draw of opponents.
            acting: plays in the same thread as the copies and lends them its planes, its precision and its way of
                asking the device; the learner if not given.
        """
        self.learner = learner
        self.acting = acting or learner
        self.size = size
        self.slots: list[Evaluator] = []
        self.updates: list[int] = []
        """After which update each snapshot was taken."""
        self.opponent = np.full(num_games, ITSELF, np.int64)
        """int64 [G], slots."""
        self.side = np.arange(num_games) % 2
        """int64 [G], the learner's: 0 Black, 1 White."""
        self.draw = np.random.default_rng(seed)

    def add(self, update: int, backend: DistributionBackend) -> bool:
        """Takes a snapshot of the learner into a new slot, or into that of the oldest which no game is using.

        Every process has to call it, and all do the same.

        Args:
            update: number of the present update.
            backend: asked which slots are in use in any process.

        Returns:
            False where the pool is full and all slots are in use: nothing was taken.
        """
        games_of_slot = torch.from_numpy(np.bincount(self.opponent[self.opponent >= 0], minlength=self.size))
        in_use = backend.sum(games_of_slot.to(backend.device)).tolist()
        if len(self.slots) < self.size:
            self.slots.append(self._snapshot())
            self.updates.append(update)
            return True
        free = [slot for slot in range(self.size) if not in_use[slot]]
        if not free:
            return False
        oldest = min(free, key=self.updates.__getitem__)
        self.slots[oldest], self.updates[oldest] = self._snapshot(), update
        return True

    def _snapshot(self) -> Evaluator:
        acting = self.acting
        return Evaluator(self.learner.network.copied(), acting.features, acting.precision, acting.device, acting.queue)

    def is_opponents_turn(self, side_to_move: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Tells in which games the opponent is to move, bool [N]; `side_to_move` is uint8 [N], N at least G."""
        turns = np.zeros(len(side_to_move), np.bool_)
        num_games = len(self.opponent)
        turns[:num_games] = (self.opponent != ITSELF) & (side_to_move[:num_games] != self.side)
        return turns

    def act(
        self, positions: Positions, legal: NDArray[np.uint8], rows: NDArray[np.intp], generator: torch.Generator
    ) -> Tensor:
        """Draws the opponents' moves.

        Args:
            positions: N positions, of all games.
            legal: uint8 [N, 2187].
            rows: which games; an opponent is to move in each.
            generator: consumed.

        Returns:
            int64 [len(rows)] on the learner's device.
        """
        actions = torch.empty(len(rows), dtype=torch.int64, device=self.learner.device)
        slots = self.opponent[rows]
        for slot in np.unique(slots):
            places = np.flatnonzero(slots == slot)
            own = rows[places]
            log_probs, _ = self.slots[slot].policy_and_value(positions[own], legal[own])
            actions[torch.from_numpy(places)] = sample(log_probs, generator)
        return actions

    def require_finite(self) -> None:
        """Looks at what the snapshots' networks have given since each was taken.

        Raises:
            DivergedError: nan or inf is among the logits.
        """
        for evaluator in self.slots:
            evaluator.require_logits()

    def begin(self, has_ended: NDArray[np.bool_]) -> None:
        """Draws an opponent for each new game and gives the learner the other side.

        Args:
            has_ended: bool [N], N at least G: the games in whose place a new one begins.
        """
        rows = np.flatnonzero(has_ended[: len(self.opponent)])
        self.side[rows] ^= 1
        if self.slots:
            self.opponent[rows] = self.draw.integers(len(self.slots), size=len(rows))

    def score(self, reward: NDArray[np.float32], ended: NDArray[np.bool_], mover: NDArray[np.uint8]) -> list[float]:
        """Returns the learner's results, 1 for a win, 1/2, 0, of those games that ended against an opponent.

        Args:
            reward: float32 [N], seen by the player who moved last.
            ended: bool [N], the games that ended and were not cut off.
            mover: uint8 [N], the side that moved last.
        """
        num_games = len(self.opponent)
        rows = np.flatnonzero(ended[:num_games] & (self.opponent != ITSELF))
        seen = np.where(mover[rows] == self.side[rows], reward[rows], -reward[rows])
        return [float(result) for result in (seen + 1) / 2]

    def weights(self) -> dict[str, Tensor]:
        """Returns the snapshots' weights, named `<slot>:<parameter>`."""
        return {
            f"{slot}:{name}": tensor
            for slot, evaluator in enumerate(self.slots)
            for name, tensor in evaluator.network.network.state_dict().items()
        }

    def state(self) -> dict[str, Any]:
        """Returns who plays whom in this process, as JSON."""
        return {
            "opponent": self.opponent.tolist(),
            "side": self.side.tolist(),
            "draw": self.draw.bit_generator.state,
        }

    def load(self, updates: list[int], weights: Mapping[str, Tensor]) -> None:
        """Takes back the snapshots: what `updates` and `weights` gave."""
        self.updates = list(updates)
        self.slots = [self._snapshot() for _ in updates]
        for slot, evaluator in enumerate(self.slots):
            prefix = f"{slot}:"
            own = {name.removeprefix(prefix): tensor for name, tensor in weights.items() if name.startswith(prefix)}
            evaluator.network.network.load_state_dict(own)

    def take_over(self, opponent: NDArray[np.int64], side: NDArray[np.int64]) -> None:
        """Goes on against the opponents of games that were dealt anew; those beyond the first G have none any more.

        Args:
            opponent: int64 [N], slots, ITSELF where a game has none; N at least G.
            side: int64 [N], the learner's.
        """
        self.opponent[:], self.side[:] = opponent[: len(self.opponent)], side[: len(self.side)]

    def load_state(self, state: Mapping[str, Any]) -> None:
        """Takes back what `state` gave."""
        self.opponent[:] = state["opponent"]
        self.side[:] = state["side"]
        self.draw.bit_generator.state = state["draw"]
