"""Figures that show whether learning is alive, for every algorithm."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

MIN_VARIANCE: Final = 1e-9
"""Variance of targets below which there is nothing to explain."""


def explained_variance(target: NDArray[np.float32], error: NDArray[np.float32]) -> float:
    """Returns the share of the targets' variance that is not left in the errors: 1 all, 0 none; 0 without variance."""
    variance = float(target.var())
    return 1 - float(error.var()) / variance if variance > MIN_VARIANCE else 0.0
