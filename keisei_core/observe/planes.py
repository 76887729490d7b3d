"""What a plugin with observation planes must offer, and how its compiled code gets at the memory it writes to.

Shape key: N positions, c channels of one plugin, 9 files, 9 ranks.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.lib.stride_tricks import as_strided

from keisei_core.observe.channels import Channel
from keisei_core.observe.needs import NO_NEEDS, Needs
from keisei_core.shogi.positions import NUM_SQUARES, Positions, UInt8Array

_PLANE_STRIDES = (NUM_SQUARES, 9, 1)


@runtime_checkable
class FeaturePlanes(Protocol):
    """Named planes and their encoder, from the mover's point of view.

    An attribute `needs`, a `Needs`, asks for earlier positions; planes without one get none. Like `channels` it is the
    same for the life of the object.
    """

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The plugin's channels in the order it writes them; the same for the life of the object."""
        ...

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        """Writes the planes of a batch; must not change `positions` and must write every element.

        Args:
            positions: N positions (N may be 0), every array C-contiguous and read-only, each with as many earlier ones
                as `needs` says. An earlier position is all 0 where there was none: at the start of a game, or read from
                text.
            planes: uint8 [N, c, 9, 9] by file and rank, overwritten. A view of the whole observation: the
                positions lie apart from each other, the planes of one position are contiguous.
        """
        ...


class CompiledPlanes(ABC):
    """Planes that kernels write: a base class for plugins that saves most of what a call of `encode` costs."""

    @property
    @abstractmethod
    def channels(self) -> tuple[Channel, ...]:
        """The plugin's channels in the order it writes them; a class attribute will do."""

    @property
    def needs(self) -> Needs:
        """What must come with the positions; a class attribute will do."""
        return NO_NEEDS

    @abstractmethod
    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        """Writes the planes of a batch; asks the same as `FeaturePlanes.encode`.

        Args:
            positions: N positions (N may be 0), every array C-contiguous; can be written to, since a kernel would be
                compiled again for arrays that can't be, and must not be.
            memory: uint8 [length], overwritten where planes of this plugin lie, see `FlatPlanes`.
            row_stride: bytes from one position to the next.
        """

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        """Writes the planes of a batch, see `FeaturePlanes`.

        Raises:
            ValueError: the planes of one position do not lie side by side in `planes`.
        """
        self.encode_flat(positions, *flat_planes(planes))


class FlatPlanes(NamedTuple):
    """Planes as flat memory: element (i, plane, square) is `memory[i * row_stride + plane * 81 + square]`."""

    memory: UInt8Array
    """uint8 [length], contiguous; ends with the last plane of the last position. Between the rows lies the memory
    of other plugins' planes."""
    row_stride: int
    """Bytes from one position to the next."""


def flat_planes(planes: UInt8Array) -> FlatPlanes:
    """Gives the view that `encode` got as flat memory, without copying.

    Compilers turn loops into vector instructions only over flat, contiguous memory, and the first axis of the
    view is not contiguous.

    Args:
        planes: uint8 [N, c, 9, 9], writable, the planes of one position contiguous.

    Raises:
        ValueError: `planes` is not of that form.
    """
    if planes.dtype != np.uint8 or planes.ndim != 4 or planes.shape[2:] != (9, 9):
        raise ValueError(f"planes must be uint8 [N, c, 9, 9], got {planes.dtype} {list(planes.shape)}")
    num_positions, num_channels = planes.shape[:2]
    row, row_stride = num_channels * NUM_SQUARES, planes.strides[0]
    if planes.size == 0:
        return FlatPlanes(np.empty(0, np.uint8), row)
    if not planes.flags.writeable or planes.strides[1:] != _PLANE_STRIDES or (num_positions > 1 and row_stride < row):
        raise ValueError(
            f"the planes of one position must be contiguous and writable, got strides {planes.strides}; "
            "pass on the view that encode was given"
        )
    return FlatPlanes(as_strided(planes, ((num_positions - 1) * row_stride + row,), (1,)), row_stride)
