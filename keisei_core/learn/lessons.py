"""What a teacher says of positions: moves to be played or the weights of moves, a value, and how much each counts.

Shape key: L positions, A = 2,187 actions, K moves at most, W = 274 bytes of packed actions.
"""

from collections.abc import Sequence
from typing import Any, Protocol, Self

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.evaluate import MovePolicy
from keisei_core.shogi import NUM_ACTIONS, Positions, UInt8Array
from keisei_core.shogi.positions import Rows

Float32Array = NDArray[np.float32]


class PolicyTarget(Protocol):
    """What the policy should come to in L positions."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: Rows) -> Self:
        """Selects positions."""
        ...

    def problem(self, legal: NDArray[np.bool_], counts: NDArray[np.bool_]) -> str:
        """Says what is wrong with it, given the legal moves, bool [L, A], and where it counts, bool [L]; else ''."""
        ...

    def loss(self, policy: MovePolicy) -> Tensor:
        """Returns how far the policy of the L positions is from it, float32 [L] at least 0."""
        ...

    def figure(self, loss: Tensor) -> tuple[str, Tensor]:
        """Returns what is logged of the losses, float32 [L] detached: the end of its name, and a number."""
        ...


@attrs.frozen(eq=False, kw_only=True)
class MoveSets:
    """Sets of moves: the loss is -log of the policy's probability of all moves of the set together."""

    packed: UInt8Array
    """uint8 [L, W], bit a of a row (as `numpy.packbits` orders them) set where action a is in the set."""

    @classmethod
    def of(cls, mask: NDArray[Any]) -> Self:
        """Packs sets given as bool or uint8 [L, A]."""
        return cls(packed=np.packbits(mask.astype(np.bool_), axis=1))

    @property
    def mask(self) -> NDArray[np.bool_]:
        """bool [L, A], the moves of the sets."""
        return np.unpackbits(self.packed, axis=1, count=NUM_ACTIONS).view(np.bool_)

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(self, rows: Rows) -> Self:
        """Selects positions."""
        return attrs.evolve(self, packed=self.packed[rows])

    def problem(self, legal: NDArray[np.bool_], counts: NDArray[np.bool_]) -> str:
        """Says what is wrong; see `PolicyTarget.problem`."""
        allowed = np.packbits(legal, axis=1)
        if (self.packed & ~allowed)[counts].any():
            return "sets of legal moves, got an illegal one"
        return "at least one move in each set, got none" if (~self.packed.any(axis=1) & counts).any() else ""

    def loss(self, policy: MovePolicy) -> Tensor:
        """Returns -log of the probability of each set; see `PolicyTarget.loss`."""
        packed = torch.from_numpy(self.packed).to(policy.moves.device, non_blocking=True)
        # What fills up a row of moves is action A, whose bit is never set.
        bits = packed.gather(1, policy.moves >> 3) >> (7 - (policy.moves & 7))
        return -policy.log_share((bits & 1).bool())

    def figure(self, loss: Tensor) -> tuple[str, Tensor]:
        """Returns the mean probability of the sets; see `PolicyTarget.figure`."""
        return "share", (-loss).exp().mean()


@attrs.frozen(eq=False, kw_only=True)
class MoveWeights:
    """A probability of each of a few moves: the loss is the divergence KL(target, policy)."""

    action: NDArray[np.int16]
    """int16 [L, K], moves in any order; 0 where `weight` is 0."""
    weight: NDArray[np.float16] | Float32Array
    """float16 or float32 [L, K], their probabilities, which add up to 1 in each position that counts."""

    def __len__(self) -> int:
        return len(self.action)

    def __getitem__(self, rows: Rows) -> Self:
        """Selects positions."""
        return attrs.evolve(self, action=self.action[rows], weight=self.weight[rows])

    def problem(self, legal: NDArray[np.bool_], counts: NDArray[np.bool_]) -> str:
        """Says what is wrong; see `PolicyTarget.problem`."""
        weight, action = self.weight[counts].astype(np.float32), self.action[counts]
        if not np.isfinite(weight).all() or (weight < 0).any():
            return "weights of moves that are finite and at least 0, got others"
        if (action < 0).any() or (action >= NUM_ACTIONS).any():
            return f"actions 0 to {NUM_ACTIONS - 1}, got {action.min()} to {action.max()}"
        if (~np.take_along_axis(legal[counts], action.astype(np.int64), axis=1) & (weight > 0)).any():
            return "weights of legal moves, got one of an illegal move"
        sums = weight.sum(axis=1)
        wrong = np.abs(sums - 1) > 0.01
        return f"weights that add up to 1, got {sums[wrong][0]:.3g}" if wrong.any() else ""

    def loss(self, policy: MovePolicy) -> Tensor:
        """Returns KL(target, policy); see `PolicyTarget.loss`."""
        device = policy.moves.device
        action = torch.from_numpy(self.action.astype(np.int64)).to(device, non_blocking=True)
        weight = torch.from_numpy(self.weight.astype(np.float32)).to(device, non_blocking=True)
        # xlogy: a move of weight 0 adds nothing, whatever its logarithm.
        own = torch.special.xlogy(weight, weight).sum(dim=1)
        distance: Tensor = own - (weight * policy.log_prob(action)).sum(dim=1)
        return distance

    def figure(self, loss: Tensor) -> tuple[str, Tensor]:
        """Returns the mean divergence in nats; see `PolicyTarget.figure`."""
        return "kl", loss.mean()


@attrs.frozen(eq=False, kw_only=True)
class Targets:
    """What is to be learned in L positions."""

    weight: Float32Array
    """float32 [L], how much the policy counts, at least 0."""
    policy: PolicyTarget | None = None
    """L rows; None where only values are taught."""
    value: Float32Array | None = None
    """float32 [L], what V should be, seen by the side to move; None where no values are taught."""
    value_weight: Float32Array | None = None
    """float32 [L], how much the value counts; `weight` where there is none."""

    def __len__(self) -> int:
        return len(self.weight)

    def __getitem__(self, rows: Rows) -> Self:
        """Selects positions."""
        return attrs.evolve(
            self,
            weight=self.weight[rows],
            policy=None if self.policy is None else self.policy[rows],
            value=None if self.value is None else self.value[rows],
            value_weight=None if self.value_weight is None else self.value_weight[rows],
        )

    def problem(self, legal: NDArray[np.bool_]) -> str:
        """Says what is wrong with them, given the legal moves, bool [L, A]; nothing if all is well."""
        for array in (self.weight, self.value_weight):
            if array is not None and not (np.isfinite(array).all() and (array >= 0).all()):
                return "weights that are finite and at least 0, got others"
        if self.value is not None and not np.isfinite(self.value).all():
            return "values that are finite, got nan or inf"
        if any(part is not None and len(part) != len(self) for part in (self.policy, self.value, self.value_weight)):
            return f"as many targets as weights ({len(self)}), got others"
        return "" if self.policy is None else self.policy.problem(legal, self.weight > 0)


@attrs.frozen(eq=False, kw_only=True)
class Lessons:
    """Positions and what is to be learned in them."""

    positions: Positions
    """L positions."""
    targets: Targets
    """L rows."""

    def __len__(self) -> int:
        return len(self.targets)


def concatenated(parts: Sequence[Positions]) -> Positions:
    """Joins positions in order, without a copy where there is only one part."""
    return parts[0] if len(parts) == 1 else Positions.concatenate(parts)
