"""How hard each teacher pulls at the policy, beside the algorithm."""

from collections.abc import Mapping

import torch
from torch import Tensor


def pulls(logits: Tensor, loss: Tensor, taught: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns each teacher's share of the norms of all gradients by the logits, its own and the algorithm's.

    The network itself is not gone back through, so that this costs about a hundredth of a gradient step.

    Args:
        logits: of a minibatch, [N, 2187], as the network gave them.
        loss: scalar, the algorithm's.
        taught: scalars, the teachers' by their names, weighted as they are learned.

    Returns:
        Scalars by `NAME_pull`, detached: 0 pulls nowhere, 1 pulls alone.
    """
    norms = {name: gradient_norm(part, logits) for name, part in taught.items()}
    total = gradient_norm(loss, logits) + sum(norms.values())
    return {f"{name}_pull": norm / total.clamp(min=torch.finfo(total.dtype).tiny) for name, norm in norms.items()}


def gradient_norm(loss: Tensor, logits: Tensor) -> Tensor:
    """Returns the L2 norm of the gradient of a loss by the logits, float32; 0 where it does not depend on them."""
    if not loss.requires_grad:
        return torch.zeros((), device=logits.device)
    # Zeros where there is no way from the logits to the loss.
    gradients: tuple[Tensor, ...] = torch.autograd.grad(
        loss, (logits,), retain_graph=True, allow_unused=True, materialize_grads=True
    )
    norm: Tensor = gradients[0].float().norm()
    return norm
