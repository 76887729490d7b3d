"""What is gathered of a network's outputs on the device while it plays, to be looked at once in a while.

Shape key: N positions, A = 2,187 actions.
"""

import torch
from torch import Tensor


class Health:
    """Two numbers about all outputs noted since it began: looking costs a wait for the device, noting does not."""

    def __init__(self, device: torch.device) -> None:
        with torch.inference_mode():
            self._mean = torch.zeros((), device=device)
            self._doubt = torch.zeros((), device=device)

    def begin(self) -> None:
        """Forgets what was noted."""
        with torch.inference_mode():
            self._mean.zero_()
            self._doubt.zero_()

    def note(self, logits: Tensor, value: Tensor) -> None:
        """Takes in the outputs of some positions; in inference mode.

        Args:
            logits: float32 [N, A].
            value: float32 [N].
        """
        if len(value):  # the mean of none is nan
            torch.maximum(self._mean, value.abs().mean(), out=self._mean)
        self._doubt.add_(logits.sum(), alpha=0)  # nan, and for good, where one of them is nan or inf

    def mean_value(self) -> float:
        """Returns the largest mean of |V| of any call; nan or inf where a value was."""
        return float(self._mean)

    def has_finite_logits(self) -> bool:
        """Tells whether all logits were finite."""
        return bool(self._doubt.isfinite())
