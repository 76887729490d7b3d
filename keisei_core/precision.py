"""Numeric precision of acting and learning: what a policy must offer, and plain float32.

A run acts and learns in one precision, that of its config. Who only plays a trained network takes `for_play`.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor, nn


class PrecisionPolicy(Protocol):
    """Decides the dtype of forward passes and how a gradient step is taken from a loss.

    Parameters stay float32, and so do the softmax and the losses, which are computed outside of `autocast`.
    """

    description: str
    """What forward passes compute in, and where that was not plainly asked for, why: a few words for the log."""

    def autocast(self) -> AbstractContextManager[Any]:
        """Returns the context in which the network runs, the same for acting and for learning.

        In a run that plays ahead one thread acts in it while another learns in it and steps.
        """
        ...

    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float | Tensor:
        """Takes one gradient step down `loss` (float32, scalar), gradients clipped to `max_grad_norm`.

        The gradients that `loss.backward()` leaves are the mean over all processes, so that every process decides alike
        whether to step.

        Returns:
            The L2 norm of the gradients, those of the loss itself and not of a scaled one, before clipping. Where it is
            nan or inf no parameter was changed. A tensor, float32 scalar, is read some steps later, so that nobody
            waits for a GPU at each.
        """
        ...

    def state_dict(self) -> dict[str, float]:
        """Returns what a resumed run needs (a loss scale, say), as plain numbers."""
        ...

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Takes back what `state_dict` gave."""
        ...


@runtime_checkable
class PreparesNetwork(Protocol):
    """A precision policy that does something to a network first: weight norm, adapters, quantisation in training."""

    def prepare(self, network: nn.Module) -> nn.Module:
        """Makes a fresh network ready, once, before anything else uses it.

        Called wherever the run's network is built: for learning, in players and exports, and to read a checkpoint. The
        tensors of its `state_dict`, names and shapes, must be the same every time. Fresh weights come from torch's
        global random stream. A method that the core asks of networks (`layout`, `auxiliary_loss`) must stay there.

        Args:
            network: as its plugin built it, on the CPU; may be changed.

        Returns:
            The network to use: mostly the same one.
        """
        ...


@runtime_checkable
class DependsOnDevice(Protocol):
    """A precision policy that some devices compute in and others emulate, several times slower than float32."""

    name: str
    """The `[precision] name` that means exactly this: of a policy that chooses by the device, what it chose."""
    is_emulated: bool
    """Whether the device that it was built for emulates it."""


def for_play(policy: PrecisionPolicy, device: torch.device) -> PrecisionPolicy:
    """Returns what a network plays in that was trained by a policy: float32 where the device emulates the policy."""
    return Fp32(device) if isinstance(policy, DependsOnDevice) and policy.is_emulated else policy


def prepared(network: nn.Module, policy: PrecisionPolicy) -> nn.Module:
    """Returns a fresh network as a policy wants it; most want nothing."""
    return policy.prepare(network) if isinstance(policy, PreparesNetwork) else network


class Fp32:
    """float32 everywhere."""

    description = "float32"

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def autocast(self) -> AbstractContextManager[Any]:
        """Returns a context that changes nothing."""
        return nullcontext()

    def step(self, loss: Tensor, optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float | Tensor:
        """Steps down `loss` unless its gradients are nan or inf; see `PrecisionPolicy.step`."""
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if may_skip_on_device(optimizer):
            return clip_and_step_on_device(optimizer, max_grad_norm)
        return clip_and_step(optimizer, max_grad_norm)

    def state_dict(self) -> dict[str, float]:
        """Returns nothing: float32 keeps no state."""
        return {}

    def load_state_dict(self, state: Mapping[str, float]) -> None:
        """Takes nothing back."""


def clip_and_step(optimizer: torch.optim.Optimizer, max_grad_norm: float) -> float:
    """Clips the gradients of all parameters to one L2 norm and steps, unless that norm is nan or inf.

    Under Adam one nan gradient would turn every parameter into nan, so the check comes before the step.

    Returns:
        The norm before clipping.
    """
    norm = _clip(optimizer, max_grad_norm)
    if torch.isfinite(norm):
        optimizer.step()
    return float(norm)


def may_skip_on_device(optimizer: torch.optim.Optimizer) -> bool:
    """Tells whether an optimiser leaves out a step by a number on the device, as torch's fused ones do."""
    return bool(getattr(optimizer, "_step_supports_amp_scaling", False))


def clip_and_step_on_device(optimizer: torch.optim.Optimizer, max_grad_norm: float) -> Tensor:
    """Does what `clip_and_step` does without looking at the norm: the device itself leaves the step out.

    Args:
        optimizer: one that may, see `may_skip_on_device`; moments of a first step left out are zeros.
        max_grad_norm: see `PrecisionPolicy.step`.

    Returns:
        The norm before clipping, float32 scalar.
    """
    norm = _clip(optimizer, max_grad_norm)
    optimizer.found_inf = (~norm.isfinite()).to(torch.float32)  # type: ignore[attr-defined]
    try:
        optimizer.step()
    finally:
        del optimizer.found_inf  # type: ignore[attr-defined]
    return norm


def _clip(optimizer: torch.optim.Optimizer, max_grad_norm: float) -> Tensor:
    """Clips the gradients of all parameters to one L2 norm; returns the norm before."""
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return torch.nn.utils.clip_grad_norm_(parameters, max_grad_norm)
