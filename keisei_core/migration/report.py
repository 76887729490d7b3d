"""What became of each tensor."""

import math

import attrs

Shape = tuple[int, ...]


@attrs.frozen(kw_only=True)
class TensorChange:
    """One tensor of the weights before and after a step; its moments share its fate."""

    name: str
    old_shape: Shape | None
    """None where the tensor is new."""
    new_shape: Shape | None
    """None where the tensor is lost."""
    kept: int
    """Numbers that stand in the new tensor as they stood in the old one, moments included where there were any."""

    @property
    def new(self) -> int:
        """Numbers that were not there before."""
        return 0 if self.new_shape is None else math.prod(self.new_shape) - self.kept

    @property
    def lost(self) -> int:
        """Numbers of the old tensor that the new one has no place for."""
        return 0 if self.old_shape is None else math.prod(self.old_shape) - self.kept
