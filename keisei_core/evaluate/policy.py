"""The masked policy: probabilities over legal actions only, sampling, entropy. All in float32.

Shape key: B positions, A = 2,187 actions.
"""

from typing import Final

import torch
from torch import Tensor

ILLEGAL_LOGIT: Final = -1e9
"""What is added to an illegal action's logit. Finite, so that probability 0 times its logarithm is 0 and never nan."""


def log_policy(logits: Tensor, legal: Tensor) -> Tensor:
    """Returns log-probabilities of the legal actions.

    Args:
        logits: float32 [B, A].
        legal: bool or uint8 [B, A], nonzero = legal; every row needs one legal action.

    Returns:
        float32 [B, A]; about -1e9 where illegal.
    """
    # Added, not filled in: the gradient needs no mask of its own, for it is 0 where the probability is.
    masked = torch.add(logits, legal.logical_not(), alpha=ILLEGAL_LOGIT)
    return torch.log_softmax(masked, dim=1)


def probabilities(log_probs: Tensor) -> Tensor:
    """Returns exp(log_probs), float32 [B, A], of rows that add up to 1; exactly 0 where illegal.

    By softmax, which is the same for such rows: `exp` leaves its fast path wherever the result is 0, and takes ten
    times as long on a CPU.
    """
    return torch.softmax(log_probs, dim=1)


def sample(log_probs: Tensor, generator: torch.Generator) -> Tensor:
    """Draws one action per row, int64 [B]: where the sum of probabilities passes a random share of the whole."""
    share = probabilities(log_probs)
    passed = share.cumsum(dim=1)
    aim = passed[:, -1:] * (1 - torch.rand(len(share), 1, generator=generator, device=share.device))
    drawn = torch.searchsorted(passed, aim).clamp(max=share.shape[1] - 1)
    # Sums taken in parallel, as on a GPU, may rise by rounding over an illegal action; it is never drawn for that.
    return torch.where(share.gather(1, drawn)[:, 0] > 0, drawn[:, 0], share.argmax(dim=1))


def entropy(log_probs: Tensor) -> Tensor:
    """Returns the entropy of each row in nats, float32 [B]."""
    return -(probabilities(log_probs) * log_probs).sum(dim=1)
