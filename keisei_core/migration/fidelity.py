"""How far a migrated network is from its original, measured on positions.

Shape key: N positions, C channels, A = 2,187 actions.
"""

from collections.abc import Collection
from typing import Final

import attrs
import numpy as np
import torch
from torch import Tensor

from keisei_core.act import ActorCritic
from keisei_core.observe import FeatureSet
from keisei_core.shogi import Games, Positions

NUM_POSITIONS: Final = 64
PLIES: Final = 60
"""The last positions come from games this long."""


@attrs.frozen(kw_only=True)
class Fidelity:
    """Largest differences between two networks' outputs."""

    positions: int
    logits: float
    """Of any logit, where the original does not see the planes that were dropped."""
    value: float
    """Of any value, likewise."""
    logits_seeing: float
    """Of any logit, where the original sees all its planes; the same if none was dropped."""
    value_seeing: float
    """Of any value, likewise."""
    largest_logit: float
    """Of the original, to compare with."""


def fidelity(
    original: ActorCritic, original_features: FeatureSet, migrated: ActorCritic, migrated_features: FeatureSet
) -> Fidelity:
    """Compares two networks on positions of random games; both are on the CPU."""
    positions = random_positions()
    names = {channel.name for channel in migrated_features.channels}
    logits, value = _outputs(migrated, migrated_features, positions)
    blind_logits, blind_value = _outputs(original, original_features, positions, seen=names)
    seeing_logits, seeing_value = _outputs(original, original_features, positions)
    return Fidelity(
        positions=len(positions),
        logits=_largest(logits - blind_logits),
        value=_largest(value - blind_value),
        logits_seeing=_largest(logits - seeing_logits),
        value_seeing=_largest(value - seeing_value),
        largest_logit=_largest(seeing_logits),
    )


def random_positions() -> Positions:
    """Returns positions of random games, each after another number of plies, always the same."""
    games = Games(NUM_POSITIONS, seed=0)
    for ply in range(PLIES):
        actions = games.sample()
        actions[: ply * NUM_POSITIONS // PLIES] = -1
        games.step(actions)
    return games.positions


@torch.inference_mode()
def _outputs(
    network: ActorCritic, features: FeatureSet, positions: Positions, seen: Collection[str] | None = None
) -> tuple[Tensor, Tensor]:
    """Returns logits [N, A] and value [N] where only the channels in `seen` are shown (all if None)."""
    planes = features.encode(positions)
    if seen is not None:
        unseen = np.array([channel.name not in seen for channel in features.channels])
        planes[:, unseen] = 0
    logits, value = network.eval()(torch.from_numpy(planes))
    return logits, value


def _largest(values: Tensor) -> float:
    return float(values.abs().max())
