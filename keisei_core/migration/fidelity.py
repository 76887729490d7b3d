"""How far a migrated network is from its original, measured on positions.

Shape key: N positions, C channels, A = 2,187 actions.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs
import numpy as np
import torch
from torch import Tensor

from keisei_core.evaluate import ActorCritic
from keisei_core.observe import FeatureSet
from keisei_core.shogi import Games, Positions, material
from keisei_core.shogi.positions import UInt8Array

NUM_POSITIONS: Final = 64
PLIES: Final = 60
"""The last positions come from games this long."""


@attrs.frozen(kw_only=True)
class Fidelity:
    """Largest differences between two networks' outputs."""

    positions: int
    logits: float
    """Of any logit, where the original sees the new planes: nothing of those that it alone has."""
    value: float
    """Of any value, likewise."""
    logits_seeing: float
    """Of any logit, where the original sees its own planes."""
    value_seeing: float
    """Of any value, likewise."""
    largest_logit: float
    """Of the original, to compare with."""


def fidelity(
    original: ActorCritic,
    original_features: FeatureSet,
    migrated: ActorCritic,
    migrated_features: FeatureSet,
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> Fidelity:
    """Compares two networks on positions of random games; both are on the CPU.

    Args:
        original: the network before.
        original_features: its planes.
        migrated: the network after.
        migrated_features: its planes.
        renamed: channels of the original that are called otherwise among the planes after, old to new.
    """
    positions = random_positions(max(original_features.needs.history, migrated_features.needs.history))
    balance = torch.from_numpy(material(positions))
    planes = migrated_features.encode(positions)
    logits, value = _outputs(migrated, planes, balance)
    shared = _by_name(planes, migrated_features, original_features, renamed)
    blind_logits, blind_value = _outputs(original, shared, balance)
    seeing_logits, seeing_value = _outputs(original, original_features.encode(positions), balance)
    return Fidelity(
        positions=len(positions),
        logits=_largest(logits - blind_logits),
        value=_largest(value - blind_value),
        logits_seeing=_largest(logits - seeing_logits),
        value_seeing=_largest(value - seeing_value),
        largest_logit=_largest(seeing_logits),
    )


def random_positions(history: int = 0) -> Positions:
    """Returns positions of random games, each after another number of plies, with those before; always the same."""
    games = Games(NUM_POSITIONS, seed=0, history=history)
    for ply in range(PLIES):
        actions = games.sample()
        actions[: ply * NUM_POSITIONS // PLIES] = -1
        games.step(actions)
    return games.positions


def _by_name(planes: UInt8Array, features: FeatureSet, wanted: FeatureSet, renamed: Mapping[str, str]) -> UInt8Array:
    """Returns the channels of other features, uint8 [N, C, 9, 9], those that `features` lack empty."""
    place = {channel.name: index for index, channel in enumerate(features.channels)}
    found = np.zeros((len(planes), wanted.num_channels, 9, 9), np.uint8)
    for index, channel in enumerate(wanted.channels):
        name = renamed.get(channel.name, channel.name)
        if name in place:
            found[:, index] = planes[:, place[name]]
    return found


@torch.inference_mode()
def _outputs(network: ActorCritic, planes: UInt8Array, balance: Tensor) -> tuple[Tensor, Tensor]:
    """Returns logits [N, A] and value [N] of planes, uint8 [N, C, 9, 9], and the movers' material, float32 [N]."""
    logits, value, _ = network.eval()(torch.from_numpy(planes), balance)
    return logits, value


def _largest(values: Tensor) -> float:
    return float(values.abs().max())
