"""The PPO loss of one minibatch (Schulman et al. 2017), with the figures one watches.

Shape key: M plies, A = 2,187 actions.
"""

import attrs
import torch
from torch import Tensor

from keisei_core.evaluate import entropy, log_policy
from keisei_core.learn.tactics import log_sound


@attrs.frozen(eq=False, kw_only=True)
class Minibatch:
    """M plies on the device of the network, and L positions in which moves are only taught.

    Advantage and return belong to the player who moved.
    """

    planes: Tensor
    """uint8 [M + L, C, 9, 9], the plies first."""
    material: Tensor
    """float32 [M + L], the mover's balance in pawns."""
    legal: Tensor
    """uint8 [M + L, A], nonzero = legal."""
    action: Tensor
    """int64 [M]."""
    old_log_prob: Tensor
    """float32 [M], under the policy that acted."""
    advantage: Tensor
    """float32 [M], scaled as the run wants it."""
    target: Tensor
    """float32 [M], what the value should have been."""
    sound: Tensor | None = None
    """bool [M + L, A], the moves that two plies show to be sound; None where they are not taught."""
    sound_weight: Tensor | None = None
    """float32 [M + L], how much a position counts in teaching them."""


@attrs.frozen(eq=False, kw_only=True)
class Loss:
    """The loss and its parts, float32 scalars; `figures` are detached."""

    total: Tensor
    figures: dict[str, Tensor]
    """policy_loss, value_loss, entropy (nats), relative_entropy (0..1, of the most possible), kl (nats), clip_fraction,
    ratio_error (mean |ratio - 1|); sound_share (the policy's probability of all sound moves) where they are taught."""


def ppo_loss(
    logits: Tensor,
    value: Tensor,
    batch: Minibatch,
    *,
    clip: float,
    value_coefficient: float,
    entropy_coefficient: float,
    tactics: float = 0.0,
) -> Loss:
    """Returns the clipped policy loss plus value and entropy terms.

    Args:
        logits: float32 [M + L, A], unmasked.
        value: float32 [M + L].
        batch: what was played and what came of it.
        clip: the ratio of new to old probability counts only within 1 -/+ clip.
        value_coefficient: weight of half the squared value error.
        entropy_coefficient: weight of the mean entropy, which is rewarded.
        tactics: weight of the loss that teaches sound moves, where the batch has them.
    """
    num_plies = len(batch.action)
    all_log_probs, value = log_policy(logits, batch.legal), value[:num_plies]
    log_probs, legal = all_log_probs[:num_plies], batch.legal[:num_plies]
    spread = entropy(log_probs)
    log_ratio = log_probs.gather(1, batch.action[:, None])[:, 0] - batch.old_log_prob
    ratio = log_ratio.exp()
    gain = torch.minimum(ratio * batch.advantage, ratio.clamp(1 - clip, 1 + clip) * batch.advantage)
    policy_loss = -gain.mean()
    value_loss = 0.5 * (value - batch.target).square().mean()
    total = policy_loss + value_coefficient * value_loss - entropy_coefficient * spread.mean()
    tactics_figures: dict[str, Tensor] = {}
    if batch.sound is not None and batch.sound_weight is not None:
        log_share = log_sound(all_log_probs, batch.sound)
        total = total - tactics * (batch.sound_weight * log_share).mean()
        tactics_figures["sound_share"] = log_share[:num_plies].detach().exp().mean()
    with torch.no_grad():
        most_possible = legal.sum(dim=1, dtype=torch.float32).clamp(min=2).log()
        figures = {
            "policy_loss": policy_loss.detach(),
            "value_loss": value_loss.detach(),
            "entropy": spread.mean(),
            "relative_entropy": (spread / most_possible).mean(),
            # The k3 estimate (Schulman 2020): never negative, less noisy than the mean of -log_ratio.
            "kl": (ratio - 1 - log_ratio).mean(),
            "clip_fraction": ((ratio - 1).abs() > clip).float().mean(),
            "ratio_error": (ratio - 1).abs().mean(),
            **tactics_figures,
        }
    return Loss(total=total, figures=figures)
