"""How a network's tensors follow its channels and blocks: what a model's plugin declares so that it can be migrated.

A network says so by a method `layout`. Nothing is guessed from shapes or names: a network without the method can't be
migrated, but for checkpoints that fit it as they are.
"""

from collections.abc import Mapping
from typing import Final, Protocol, runtime_checkable

import attrs
from torch import nn

from keisei_core.errors import PluginError

INPUT: Final = "input"
"""The channels that the network reads: those of the planes."""

Groups = tuple[int, ...]
"""Sizes of groups of channels, one after another, each normalised by statistics of its own."""


@attrs.frozen(kw_only=True)
class Axis:
    """One axis of a tensor along which channels run: index = (repeat * channels + channel) * inner + element."""

    channels: str
    """Their name in `Layout.channels`."""
    reads: bool
    """True where the tensor weighs these channels, False where it makes them (or scales or shifts them)."""
    outer: int = 1
    """How many times all channels stand along the axis, one time after another."""
    inner: int = 1
    """Elements of each channel, e.g. 81 of a flattened board."""


@attrs.frozen(kw_only=True)
class Channels:
    """Channels that belong together: whatever makes or reads one of them has all of them along an axis."""

    size: int
    groups: tuple[Groups, ...] = ()
    """For every place at which they are normalised together, the sizes of the groups. What is normalised channel by
    channel (BatchNorm) or not at all asks for nothing here."""


@attrs.frozen(kw_only=True)
class Blocks:
    """A tower of equal blocks, each of which can be made to change nothing."""

    prefix: str
    """Tensors of block i are named `<prefix>.<i>.<rest>`."""
    count: int
    option: str
    """The option of the model that holds the count."""
    zeros: tuple[str, ...]
    """The `<rest>` of tensors which, being zero, make a block the identity."""


@attrs.frozen(kw_only=True)
class Layout:
    """The channels of a network, and where they run along its tensors."""

    channels: Mapping[str, Channels]
    axes: Mapping[str, tuple[Axis | None, ...]]
    """For each tensor of the state dict whose shape follows channels, its axes in order; None for one that does not."""
    blocks: Blocks | None = None
    advice: str = ""
    """What to do where this network can't be widened as asked, for the message; `{added}` stands for how many channels
    are to be added."""


@runtime_checkable
class LaidOut(Protocol):
    """A network that can be migrated."""

    def layout(self) -> Layout:
        """Says how the tensors follow channels and blocks."""
        ...


class LayoutDraft:
    """Gathers a layout layer by layer, with the sizes found in the network's own tensors."""

    def __init__(self, network: nn.Module) -> None:
        self._shapes = {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}
        self._sizes: dict[str, int] = {}
        self._groups: dict[str, list[Groups]] = {}
        self._axes: dict[str, tuple[Axis | None, ...]] = {}

    def layer(
        self,
        name: str,
        *,
        reads: str | None = None,
        writes: str | None = None,
        read_times: int = 1,
        written_times: int = 1,
        elements: int = 1,
    ) -> None:
        """Declares a linear layer or a convolution: weight [out, in, ...] and perhaps bias [out].

        Args:
            name: of the module.
            reads: the channels that come in; None for anything else.
            writes: the channels that go out; None for anything else.
            read_times: how many times all of them come in, one time after another.
            written_times: how many times all of them go out.
            elements: of each channel that comes in, e.g. 81 of a flattened board.

        Raises:
            PluginError: there is no such module, or its sizes are not those of the channels.
        """
        read = reads and Axis(channels=reads, reads=True, outer=read_times, inner=elements)
        written = writes and Axis(channels=writes, reads=False, outer=written_times)
        self._declare(f"{name}.weight", (written or None, read or None))
        if f"{name}.bias" in self._shapes:
            self._declare(f"{name}.bias", (written or None,))

    def norm(self, name: str, channels: str, *, groups: Groups | None = None, times: int = 1) -> None:
        """Declares a normalisation: weight, bias and, if it has them, running statistics, each [channels].

        Args:
            name: of the module.
            channels: what it normalises.
            groups: sizes of the groups with statistics of their own; None where each channel has its own.
            times: how many times all channels come in, one time after another.

        Raises:
            PluginError: there is no such module, or its size is not that of the channels.
        """
        own = [
            tensor for tensor, shape in self._shapes.items() if tensor.rpartition(".")[0] == name and len(shape) == 1
        ]
        for tensor in own or [f"{name}.weight"]:
            self._declare(tensor, (Axis(channels=channels, reads=False, outer=times),))
        if groups is not None:
            self._groups.setdefault(channels, []).append(groups)

    def finished(self, *, blocks: Blocks | None = None, advice: str = "") -> Layout:
        """Returns the layout.

        Raises:
            PluginError: groups do not add up to their channels.
        """
        channels = {}
        for name, size in self._sizes.items():
            groups = tuple(self._groups.get(name, ()))
            if any(sum(sizes) != size for sizes in groups):
                raise PluginError(f"layout: groups of {name!r} must add up to {size} channels, got {groups}")
            channels[name] = Channels(size=size, groups=groups)
        return Layout(channels=channels, axes=self._axes, blocks=blocks, advice=advice)

    def _declare(self, tensor: str, axes: tuple[Axis | None, ...]) -> None:
        shape = self._shapes.get(tensor)
        if shape is None or len(shape) < len(axes):
            raise PluginError(f"layout: expected a tensor {tensor!r} with {len(axes)} axes, got {shape}")
        for length, axis in zip(shape, axes, strict=False):
            if axis is not None:
                self._measure(tensor, axis, length)
        self._axes[tensor] = axes + (None,) * (len(shape) - len(axes))

    def _measure(self, tensor: str, axis: Axis, length: int) -> None:
        """Takes the channels' number from the first axis they run along, and holds all others to it."""
        size = self._sizes.setdefault(axis.channels, length // (axis.outer * axis.inner))
        if size * axis.outer * axis.inner != length:
            raise PluginError(
                f"layout: {tensor!r} has an axis of {length}, expected {axis.outer} x {size} channels "
                f"{axis.channels!r} x {axis.inner} elements"
            )
