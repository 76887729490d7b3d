"""What became of each tensor, as numbers, as lines and as data."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs
import torch
from torch import Tensor

MARK: Final = "mark"
Shape = tuple[int, ...]


@attrs.frozen(kw_only=True)
class TensorChange:
    """One tensor of the weights before and after a migration; its moments share its fate."""

    name: str
    old_shape: Shape | None
    """None where the tensor is new."""
    new_shape: Shape | None
    """None where the tensor is lost."""
    kept: int
    """Numbers of the old tensor that stand in the new one, with their moments."""

    @property
    def new(self) -> int:
        """Numbers that were not there before."""
        return 0 if self.new_shape is None else math.prod(self.new_shape) - self.kept

    @property
    def lost(self) -> int:
        """Numbers of the old tensor that the new one has no place for."""
        return 0 if self.old_shape is None else math.prod(self.old_shape) - self.kept

    def to_data(self) -> dict[str, Any]:
        """Returns it for JSON."""
        return {**attrs.asdict(self), "new": self.new, "lost": self.lost}


def marks(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns a moment of every tensor, each number of it another and none 0: what becomes of it shows what moved."""
    return {
        f"{name}:{MARK}": torch.arange(1, tensor.numel() + 1, dtype=torch.int32).view(tensor.shape)
        for name, tensor in weights.items()
    }


def without_marks(optimizer: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Returns the optimiser's own tensors."""
    return {key: tensor for key, tensor in optimizer.items() if key.rpartition(":")[2] != MARK}


def changes(old: Mapping[str, Tensor], new: Mapping[str, Tensor], marked: Mapping[str, Tensor]) -> list[TensorChange]:
    """Reads from the marks what became of each tensor; leaves out those that are as they were.

    Args:
        old: weights before.
        new: weights after.
        marked: the optimiser's tensors after, marks among them.
    """
    before, found = marks(old), []
    for name in [*new, *(name for name in old if name not in new)]:
        key = f"{name}:{MARK}"
        after = marked.get(key) if name in new else None
        if after is None or key not in before or not torch.equal(after, before[key]):
            found.append(
                TensorChange(
                    name=name,
                    old_shape=tuple(old[name].shape) if name in old else None,
                    new_shape=tuple(new[name].shape) if name in new else None,
                    kept=0 if after is None else int(after.count_nonzero()),
                )
            )
    return found


def change_table(changes: Iterable[TensorChange]) -> Iterator[str]:
    """Yields a line for each tensor: its name, shapes, and how many numbers are kept, new and lost."""
    rows = [("tensor", "before", "after", "kept", "new", "lost")]
    rows += [
        (one.name, _shape(one.old_shape), _shape(one.new_shape), f"{one.kept:,}", f"{one.new:,}", f"{one.lost:,}")
        for one in changes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(6)]
    for row in rows if len(rows) > 1 else ():
        texts = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)]
        numbers = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=False)]
        yield "  ".join([*texts, *numbers])


def _shape(shape: Shape | None) -> str:
    return "-" if shape is None else "x".join(map(str, shape)) or "1"
