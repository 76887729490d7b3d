"""The policy over legal moves alone: what learning works on, since some 80 of 2,187 actions are legal.

Shape key: M positions, K legal moves of the position that has most, A = 2,187 actions.
"""

from typing import Any, Self

import attrs
import torch
from torch import Tensor

from keisei_core.evaluate.policy import ILLEGAL_LOGIT, entropy
from keisei_core.shogi import NUM_ACTIONS


@attrs.frozen(eq=False)
class MovePolicy:
    """Log-probabilities of the legal moves of M positions."""

    moves: Tensor
    """int64 [M, K], the legal actions of each position in rising order, A in the places that it doesn't need."""
    log_probs: Tensor
    """float32 [M, K]; about -1e9 in the places that are not needed."""

    @classmethod
    def of(cls, logits: Tensor, moves: Tensor) -> Self:
        """Takes the logits of the legal moves.

        Args:
            logits: float32 [M, A].
            moves: int16 or int64 [M, K] as `keisei_core.shogi.legal_moves` lists them, at least one in each row.
        """
        moves = moves.long().contiguous()
        chosen = logits.gather(1, moves.clamp(max=NUM_ACTIONS - 1))
        masked = torch.add(chosen, moves == NUM_ACTIONS, alpha=ILLEGAL_LOGIT)
        return cls(moves, torch.log_softmax(masked, dim=1))

    def __len__(self) -> int:
        return len(self.moves)

    def __getitem__(self, rows: Any) -> Self:
        """Selects positions: a slice, or a tensor of rows."""
        return type(self)(self.moves[rows], self.log_probs[rows])

    @property
    def num_moves(self) -> Tensor:
        """int64 [M], how many moves are legal."""
        return (self.moves < NUM_ACTIONS).sum(dim=1)

    def log_prob(self, action: Tensor) -> Tensor:
        """Returns the log-probabilities of actions.

        Args:
            action: int64 [M], or several in each position, [M, X].

        Returns:
            float32 of the same shape; -1e9 where an action is not legal.
        """
        asked = action if action.dim() == 2 else action[:, None]
        place = torch.searchsorted(self.moves, asked).clamp(max=self.moves.shape[1] - 1)
        is_legal = self.moves.gather(1, place) == asked
        found = self.log_probs.gather(1, place).where(is_legal, ILLEGAL_LOGIT)
        return found.reshape(action.shape)

    def log_share(self, chosen: Tensor) -> Tensor:
        """Returns the logarithm of the probability of several moves together, float32 [M].

        Args:
            chosen: bool [M, K], which of the places of `moves` count; -inf where none of a row does.
        """
        share: Tensor = self.log_probs.masked_fill(~chosen, -float("inf")).logsumexp(dim=1)
        return share

    def entropy(self) -> Tensor:
        """Returns the entropy in nats, float32 [M]."""
        return entropy(self.log_probs)
