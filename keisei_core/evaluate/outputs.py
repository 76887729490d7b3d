"""What a network's `forward` returns, and what is wrong with it.

Shape key: B positions, A = 2,187 actions.
"""

from typing import Final

import torch
from torch import Tensor

from keisei_core.shogi.actions import NUM_ACTIONS

LARGEST_VALUE: Final = 4.0
"""By far the most that V may be on average over positions, either way: it is the expected result, at most 1. A head
has no limits, so a few positions may well be estimated beyond that."""


def outputs_problem(outputs: object, num_positions: int) -> str | None:
    """Says what is wrong with the form of a network's outputs; None where nothing is.

    Asked at every call, so it looks at no number.

    Args:
        outputs: what `forward` returned.
        num_positions: B.
    """
    if not (isinstance(outputs, tuple) and len(outputs) in (2, 3)):
        return f"forward must return (logits, value) or (logits, value, extra), got {described(outputs)}"
    logits, value, *further = outputs
    if not (_is_float(logits, (num_positions, NUM_ACTIONS)) and _is_float(value, (num_positions,))):
        wanted = f"logits, floats [{num_positions}, {NUM_ACTIONS}], and value, floats [{num_positions}]"
        return f"forward must return {wanted}, got {described(logits)} and {described(value)}"
    extra = further[0] if further else {}
    if not (isinstance(extra, dict) and all(_is_of(output, num_positions) for output in extra.values())):
        return (
            f"forward's third output must be a dict of tensors [{num_positions}, ...] by name, got {described(extra)}"
        )
    return None


def size_problem(mean: float) -> str | None:
    """Says why values V whose mean, signs left out, is this are no results; None where they may be."""
    if mean <= LARGEST_VALUE:
        return None
    return f"value must be the expected result, about -1 to 1, got {mean:.3g} on average, signs left out"


def described(output: object) -> str:
    """Writes what came: tensors by dtype and shape."""
    if isinstance(output, dict):
        return f"{{{', '.join(f'{name}: {described(one)}' for name, one in output.items())}}}"
    if isinstance(output, Tensor):
        return f"{str(output.dtype).removeprefix('torch.')} {list(output.shape)}"
    if isinstance(output, tuple):
        return f"({', '.join(map(described, output))})"
    return type(output).__name__


def _is_float(output: object, shape: tuple[int, ...]) -> bool:
    return isinstance(output, Tensor) and output.is_floating_point() and output.shape == torch.Size(shape)


def _is_of(output: object, num_positions: int) -> bool:
    return isinstance(output, Tensor) and output.dim() > 0 and len(output) == num_positions
