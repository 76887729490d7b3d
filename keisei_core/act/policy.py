"""The masked policy: probabilities over legal actions only, sampling, entropy. All in float32.

Shape key: B positions, A = 2,187 actions.
"""

from typing import Final

import torch
from torch import Tensor

ILLEGAL_LOGIT: Final = -1e9
"""Logit of an illegal action. Finite, so that probability 0 times its logarithm is 0 and never nan."""


def log_policy(logits: Tensor, legal: Tensor) -> Tensor:
    """Returns log-probabilities of the legal actions.

    Args:
        logits: float32 [B, A].
        legal: bool or uint8 [B, A], nonzero = legal; every row needs one legal action.

    Returns:
        float32 [B, A]; about -1e9 where illegal.
    """
    masked = logits.masked_fill(legal == 0, ILLEGAL_LOGIT)
    return torch.log_softmax(masked, dim=1)


def sample(log_probs: Tensor, generator: torch.Generator) -> Tensor:
    """Draws one action per row, int64 [B], by the race of exponentials: argmax of p / e with e ~ Exp(1)."""
    noise = torch.empty_like(log_probs).exponential_(generator=generator)
    return (log_probs.exp() / noise).argmax(dim=1)


def entropy(log_probs: Tensor) -> Tensor:
    """Returns the entropy of each row in nats, float32 [B]."""
    return -(log_probs.exp() * log_probs).sum(dim=1)
