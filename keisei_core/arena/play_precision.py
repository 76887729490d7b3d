"""In which precision a trained network plays: that of its training, unless this machine only emulates it.

Knows nothing of training, which keeps the precision that its config declares.
"""

from typing import Final, Self

import attrs
import torch
from torch import nn

from keisei_core.errors import ConfigError
from keisei_core.plugins import Choice, Registry
from keisei_core.plugins.components import Kind
from keisei_core.precision import DependsOnDevice, Fp32, PrecisionPolicy, for_play, prepared

FLOAT32: Final = "fp32"


@attrs.frozen(kw_only=True)
class PlayPrecision:
    """What a network plays in on one device, and why."""

    name: str
    """As `[precision] name` has it."""
    policy: PrecisionPolicy
    """Of forward passes."""
    trained: Choice
    """The precision that the network was trained in."""
    trained_policy: PrecisionPolicy | None
    """The same, built; None where the device can't do it at all."""
    reason: str = ""
    """Why the network does not play in what it was trained in, though nobody asked for another; empty where it does."""

    @classmethod
    def of(cls, policy: PrecisionPolicy, trained: Choice, device: torch.device) -> Self:
        """Decides for a network that was trained by a policy, nobody having asked for another."""
        played = for_play(policy, device)
        if played is policy:
            return cls(name=name_of(policy, trained), policy=policy, trained=trained, trained_policy=policy)
        reason = (
            f"this machine emulates {trained.name}, the precision of its training; precision={trained.name} forces it"
        )
        return cls(name=FLOAT32, policy=played, trained=trained, trained_policy=policy, reason=reason)

    @property
    def note(self) -> str:
        """What a player's record says behind the digest of its weights: nothing where it plays as it was trained."""
        return "" if self.name == self.trained.name else f" in {self.name}"

    def prepared(self, network: nn.Module) -> nn.Module:
        """Returns a fresh network as the precision of its training wants it, which decides what its tensors are."""
        return network if self.trained_policy is None else prepared(network, self.trained_policy)


def play_precision(trained: Choice, device: torch.device, registry: Registry, wanted: str = "") -> PlayPrecision:
    """Decides what a network plays in.

    Args:
        trained: the precision that it was trained in.
        device: where it plays.
        registry: where names are looked up.
        wanted: name of the precision to take, with its options at their defaults, even if the device emulates it;
            empty: that of the training, float32 where the device emulates that or can't do it.

    Raises:
        ConfigError: nobody provides what is wanted, or the device can't do it.
        PluginError: its plugin fails.
    """
    try:
        policy: PrecisionPolicy | None = trained.build(device)
        refusal = ""
    except ConfigError as error:
        policy, refusal = None, "; ".join(error.problems)
    if wanted:
        choice = registry.resolve(Kind.PRECISION, wanted)
        forced: PrecisionPolicy = choice.build(device)
        return PlayPrecision(name=name_of(forced, choice), policy=forced, trained=trained, trained_policy=policy)
    if policy is None:
        return PlayPrecision(name=FLOAT32, policy=Fp32(device), trained=trained, trained_policy=None, reason=refusal)
    return PlayPrecision.of(policy, trained, device)


def name_of(policy: PrecisionPolicy, choice: Choice) -> str:
    """Returns what a policy computes in: `bf16` of one that `mixed` chose."""
    return policy.name if isinstance(policy, DependsOnDevice) else choice.name
