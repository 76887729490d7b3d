"""Tensors of one network taken over into another of the same kind whose channels are others.

The rule that keeps the function: what reads a channel that is new weighs it with 0, what makes it is free.
"""

from collections.abc import Mapping, Sequence

import attrs
import torch
from torch import Tensor

from keisei_core.errors import MigrationError
from keisei_core.migration.layout import Axis
from keisei_core.migration.networks import Blueprint
from keisei_core.migration.report import MARK

Tensors = Mapping[str, Tensor]
Indices = list[int]


@attrs.frozen
class Origin:
    """Where the channels of the new network come from."""

    source: tuple[int | None, ...]
    """For each new channel the old one whose making it takes over; None starts afresh. The first that comes from an old
    channel is that channel: what read it goes on to. Later ones are copies, which nothing reads yet."""

    def pairs(self, *, copies: bool) -> list[tuple[int, int]]:
        """Returns (new, old) channels: each old one once, or with its copies."""
        seen: set[int] = set()
        found = []
        for new, old in enumerate(self.source):
            if old is not None and (copies or old not in seen):
                found.append((new, old))
                seen.add(old)
        return found


@attrs.frozen(eq=False, kw_only=True)
class Transplanted:
    """The new network's tensors."""

    weights: dict[str, Tensor]
    optimizer: dict[str, Tensor]
    notes: tuple[str, ...]
    """What became of the optimiser's state that could not go along, a line or none."""


def transplant(
    weights: Tensors, optimizer: Tensors, *, old: Blueprint, new: Blueprint, origins: Mapping[str, Origin]
) -> Transplanted:
    """Builds the new network's tensors and the optimiser's state.

    An entry of its parameter's shape travels as a moment, a number as it is. Any other, e.g. the sums of rows that
    Adafactor keeps, means something for the old shape only: where that changes, the optimiser begins anew with the
    parameter, since half of a state is none.

    Args:
        weights: of the old network.
        optimizer: of the old network, named as `Snapshot.optimizer` says.
        old: how the old network is laid out.
        new: how the new one is, and its fresh weights, which stand where nothing comes from the old.
        origins: for each group of channels that is not the same in both.

    Raises:
        MigrationError: the networks differ in more than these channels.
    """
    grown: dict[str, Tensor] = {}
    state: dict[str, Tensor] = {}
    anew: list[str] = []
    for name, fresh in new.weights.items():
        graft = _Graft.of(name, weights, old, new, origins)
        grown[name] = graft.weights(weights[name], fresh)
        entries = _entries(optimizer, name)
        if graft.axes and not all(graft.can_move(tensor) for tensor in entries.values()):
            anew.append(name)
            entries = {key: tensor for key, tensor in entries.items() if key.rpartition(":")[2] == MARK}
        state |= {key: graft.moments(tensor) if graft.fits(tensor) else tensor for key, tensor in entries.items()}
    notes = f"the optimiser begins anew with {_listed(anew)}, whose state is for the old shape"
    return Transplanted(weights=grown, optimizer=state, notes=(notes,) if anew else ())


def _entries(optimizer: Tensors, name: str) -> dict[str, Tensor]:
    """Returns what the optimiser keeps of one parameter."""
    return {key: tensor for key, tensor in optimizer.items() if key.rpartition(":")[0] == name}


def _listed(names: Sequence[str]) -> str:
    """Writes a few names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"


@attrs.frozen(eq=False)
class _Graft:
    """One tensor: for each axis whose channels change, what stands where."""

    name: str
    old_shape: torch.Size
    new_shape: torch.Size
    axes: tuple[tuple[int, Axis, Origin, int], ...]
    """(index of the axis, what runs along it, where it comes from, how many channels it had)."""

    @classmethod
    def of(cls, name: str, weights: Tensors, old: Blueprint, new: Blueprint, origins: Mapping[str, Origin]) -> "_Graft":
        declared = new.layout.axes.get(name, ())
        if name not in weights or old.layout.axes.get(name, ()) != declared:
            raise MigrationError([f"tensor {name!r} must be there, and laid out alike, in both networks"])
        axes = [
            (index, axis, origins[axis.channels], old.layout.channels[axis.channels].size)
            for index, axis in enumerate(declared)
            if axis is not None and axis.channels in origins
        ]
        graft = cls(name, weights[name].shape, new.weights[name].shape, tuple(axes))
        if len(graft.old_shape) != len(graft.new_shape):
            shapes = list(graft.new_shape), list(graft.old_shape)
            raise MigrationError([f"tensor {name!r} must have as many axes as {shapes[0]}, got {shapes[1]}"])
        changed = {index for index, *_ in axes}
        for index, (before, after) in enumerate(zip(graft.old_shape, graft.new_shape, strict=True)):
            if before != after and index not in changed:
                problem = (
                    f"tensor {name!r} is {list(graft.old_shape)} in the checkpoint, expected {list(graft.new_shape)}"
                )
                raise MigrationError([f"{problem}; the layout of its network does not say why axis {index} differs"])
        return graft

    def fits(self, entry: Tensor) -> bool:
        """Tells whether an entry of the optimiser's state is a moment: one number for each of the tensor's."""
        return entry.shape == self.old_shape

    def can_move(self, entry: Tensor) -> bool:
        """Tells whether an entry means something for the new shape too: a moment, or a number such as a count."""
        return self.fits(entry) or not entry.dim()

    def weights(self, old: Tensor, fresh: Tensor) -> Tensor:
        """Returns the new weights."""
        grown = fresh.detach().clone().to(old.dtype)
        for index, axis, origin, _ in self.axes:
            if axis.reads:
                carried = {new for new, _ in origin.pairs(copies=False)}
                unread = [new for new in range(len(origin.source)) if new not in carried]
                grown.index_fill_(index, torch.tensor(_spread(axis, unread, len(origin.source)), dtype=torch.long), 0)
        return self._copied(old, grown, copies=True)

    def moments(self, old: Tensor) -> Tensor:
        """Returns moments; those of numbers that are new, copies too, are 0."""
        return self._copied(old, torch.zeros(self.new_shape, dtype=old.dtype), copies=False)

    def _copied(self, old: Tensor, onto: Tensor, *, copies: bool) -> Tensor:
        """Copies what comes from the old tensor to its place; what is read comes once."""
        place: list[Indices] = [list(range(length)) for length in self.new_shape]
        part = old
        for index, axis, origin, size in self.axes:
            pairs = origin.pairs(copies=copies and not axis.reads)
            place[index] = _spread(axis, [new for new, _ in pairs], len(origin.source))
            part = part.index_select(index, torch.tensor(_spread(axis, [one for _, one in pairs], size)).long())
        if place:
            onto[_mesh(place)] = part
            return onto
        return part.clone()


def _spread(axis: Axis, channels: Sequence[int], size: int) -> Indices:
    """Returns the indices of channels along an axis on which there are `size` of them."""
    return [
        (repeat * size + channel) * axis.inner + element
        for repeat in range(axis.outer)
        for channel in channels
        for element in range(axis.inner)
    ]


def _mesh(indices: Sequence[Indices]) -> tuple[Tensor, ...]:
    """Returns the index of every combination, as numpy's `ix_` does."""
    count = len(indices)
    return tuple(
        torch.tensor(ones, dtype=torch.long).view([-1 if axis == own else 1 for axis in range(count)])
        for own, ones in enumerate(indices)
    )
