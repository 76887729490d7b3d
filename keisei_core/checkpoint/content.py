"""What a checkpoint holds, as data: no code is stored and none runs on loading."""

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

FORMAT_VERSION: Final = 3


@attrs.frozen(eq=False, kw_only=True)
class RankState:
    """What one process of a run has for itself."""

    arrays: dict[str, NDArray[np.generic]]
    """`source.<name>`: its games in progress with their histories and random streams; `algorithm.<name>`: what the
    algorithm keeps; kept in rank-<n>.safetensors."""
    state: dict[str, Any]
    """Random streams, and under `source`, `algorithm` and `starts` the rest of their states, as JSON; kept in
    rank-<n>.json."""


@attrs.frozen(eq=False, kw_only=True)
class Checkpoint:
    """A run between two updates."""

    weights: dict[str, Tensor]
    """The network's state dict, float32; kept in weights.safetensors."""
    average: dict[str, Tensor] = attrs.field(factory=dict)
    """The state dict of the average that plays in the network's place; kept in average.safetensors where there is
    one."""
    optimizer: dict[str, Tensor]
    """The optimiser's state, as `keisei_core.learn.optimizer_tensors` names it; kept in optimizer.safetensors."""
    pool: dict[str, Tensor] = attrs.field(factory=dict)
    """Networks of earlier opponents, named `<opponent>:<parameter>`; kept in pool.safetensors where there are any."""
    ranks: tuple[RankState, ...]
    """What each process has for itself, by rank; none where each is to start anew, as `[checkpoint] games = false` or a
    migration may ask."""
    state: dict[str, Any]
    """What all processes share, as JSON: counters, channel names, config, plugin versions; kept in state.json."""

    @property
    def played(self) -> dict[str, Tensor]:
        """The weights that play: the average's where there is one."""
        return self.average or self.weights
