"""What a checkpoint holds, as data: no code is stored and none runs on loading."""

from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

FORMAT_VERSION: Final = 1


@attrs.frozen(eq=False, kw_only=True)
class Checkpoint:
    """A run between two updates."""

    weights: dict[str, Tensor]
    """The network's state dict, float32; kept in weights.safetensors."""
    optimizer: dict[str, Tensor]
    """Adam's moments and step counts, named `<parameter>:<moment>`; kept in optimizer.safetensors."""
    games: dict[str, NDArray[np.generic]]
    """The games in progress with their histories and random streams; kept in games.safetensors."""
    state: dict[str, Any]
    """Everything else as JSON: counters, random states, channel names, config, plugin versions; kept in state.json."""
