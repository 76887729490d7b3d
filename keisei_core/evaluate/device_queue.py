"""Work for a device, done in the order in which it comes: a GPU does it while the caller goes on, a CPU at once."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Protocol, TypeVar

import attrs
import numpy as np
import torch
from numpy.typing import DTypeLike, NDArray
from torch import Tensor

Found = TypeVar("Found")


class Mark(Protocol):
    """A place in the queue."""

    def synchronize(self) -> None:
        """Waits until the device has come there."""
        ...


class Passed:
    """The place behind work that is done already."""

    def synchronize(self) -> None:
        """Waits for nothing."""


@attrs.frozen(eq=False)
class Answer:
    """What some work will have found, once the device has come to it."""

    _found: Tensor
    """On the host; not to be read before `_mark`."""
    _mark: Mark

    def collect(self) -> NDArray[np.float32]:
        """Waits for the device and returns what it found."""
        self._mark.synchronize()
        found: NDArray[np.float32] = self._found.numpy()
        return found


class DeviceQueue:
    """What is asked of one device."""

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._copies: torch.cuda.Stream | None = None
        """Carries inputs to a GPU while it works on what came before."""
        if device.type == "cuda" and torch.cuda.is_available():
            self._copies = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]

    @property
    def is_apart(self) -> bool:
        """True where the device works while the caller goes on."""
        return self._copies is not None

    def run(self, work: Callable[[], Found]) -> Found:
        """Does work behind all that was asked for before; tensors of a GPU may still be in the making."""
        return work()

    def launch(self, work: Callable[[], Tensor]) -> Answer:
        """Has work done, and its result brought back in one piece."""
        found = work()
        if not self.is_apart:
            return Answer(found.cpu(), Passed())
        host = torch.empty(found.shape, dtype=found.dtype, pin_memory=True)
        host.copy_(found, non_blocking=True)
        return Answer(host, self.mark())

    def send(self, buffers: Iterable["Buffer"], num_rows: int) -> None:
        """Copies the first rows of buffers to the device, for the work that is asked for next."""
        with self._copying():
            for buffer in buffers:
                if buffer.there is not buffer.here:
                    buffer.there[:num_rows].copy_(buffer.here[:num_rows], non_blocking=True)
        if self._copies is not None:
            torch.cuda.current_stream(self.device).wait_stream(self._copies)

    def mark(self) -> Mark:
        """Returns the place behind all that was asked for."""
        if self._copies is None:
            return Passed()
        # A blocking event leaves the core to the threads of the kernels while it waits.
        event = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call]
        event.record(torch.cuda.current_stream(self.device))
        return event

    def _copying(self) -> AbstractContextManager[object]:
        return nullcontext() if self._copies is None else torch.cuda.stream(self._copies)


class Buffer:
    """An array on the host and its copy on the device, which is the array itself where the device is the CPU.

    Attributes:
        array: to be written, pinned where a GPU reads it.
        here: the same memory as a tensor.
        there: on the device.
    """

    def __init__(self, shape: tuple[int, ...], dtype: DTypeLike, queue: DeviceQueue) -> None:
        self.array: NDArray[Any] = np.empty(shape, dtype)
        self.here = torch.from_numpy(self.array)
        if queue.is_apart:
            self.here = self.here.pin_memory()
            self.array = self.here.numpy()
        is_own = queue.device.type == "cpu"
        self.there = self.here if is_own else torch.empty(shape, dtype=self.here.dtype, device=queue.device)
