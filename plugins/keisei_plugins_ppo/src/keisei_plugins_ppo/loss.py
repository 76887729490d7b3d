"""The PPO loss of one minibatch (Schulman et al. 2017), with the figures one watches.

Shape key: M plies.
"""

import torch
from torch import Tensor

from keisei_core.learn import Outputs


def ppo_loss(
    outputs: Outputs,
    *,
    advantage: Tensor,
    target: Tensor,
    old_log_prob: Tensor,
    is_drawn: Tensor,
    clip: float,
    policy_coefficient: float,
    value_coefficient: float,
    entropy_coefficient: float,
) -> tuple[Tensor, dict[str, Tensor]]:
    """Returns the clipped policy loss plus value and entropy terms, and figures.

    Args:
        outputs: what the network makes of the plies now.
        advantage: float32 [M], of the player who moved, scaled as the run wants it.
        target: float32 [M], what V should have been.
        old_log_prob: float32 [M], of the actions under the policy that acted.
        is_drawn: bool [M], where the action was drawn from that policy. Elsewhere there is no ratio: the ply counts 0
            for the policy and its figures, and teaches the value alone.
        clip: the ratio of new to old probability counts only within 1 -/+ clip.
        policy_coefficient: weight of the clipped policy loss.
        value_coefficient: weight of half the squared value error.
        entropy_coefficient: weight of the mean entropy, which is rewarded.

    Returns:
        The loss, float32 scalar; and detached scalars: policy_loss, value_loss, entropy (nats), relative_entropy (0..1,
        of the most possible), kl (nats), clip_fraction, ratio_error (mean |ratio - 1|).
    """
    spread = outputs.policy.entropy()
    # Put in before exp: what came of another choice may be anything, and 0 times infinity is nan.
    log_ratio = (outputs.policy.log_prob(outputs.batch.action) - old_log_prob).where(is_drawn, 0.0)
    ratio = log_ratio.exp()
    gain = torch.minimum(ratio * advantage, ratio.clamp(1 - clip, 1 + clip) * advantage)
    policy_loss = -gain.where(is_drawn, 0.0).mean()
    error = value_loss(outputs.value, target)
    loss = policy_coefficient * policy_loss + value_coefficient * error - entropy_coefficient * spread.mean()
    with torch.no_grad():
        most_possible = outputs.policy.num_moves.clamp(min=2).log()
        share = is_drawn.float().mean().clamp(min=1 / len(is_drawn))
        figures = {
            "policy_loss": policy_loss.detach(),
            "value_loss": error.detach(),
            "entropy": spread.mean(),
            "relative_entropy": (spread / most_possible).mean(),
            # The k3 estimate (Schulman 2020): never negative, less noisy than the mean of -log_ratio.
            "kl": (ratio - 1 - log_ratio).mean() / share,
            "clip_fraction": ((ratio - 1).abs() > clip).float().mean() / share,
            "ratio_error": (ratio - 1).abs().mean() / share,
        }
    return loss, figures


def value_loss(value: Tensor, target: Tensor) -> Tensor:
    """Returns half the mean squared error of V, float32 scalar.

    Args:
        value: float32 [M].
        target: float32 [M], what V should have been.
    """
    return 0.5 * (value - target).square().mean()
