"""A device that takes set times, beside a host whose time is counted: shows who would wait for whom.

Time is virtual. The host's moves with what it does, as a `Clock` counts it; the device's work takes what a `Device`
says, one piece after the other, whatever it costs this machine to find the answers.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import thread_time

import attrs
import torch
from torch import Tensor

from keisei_core.evaluate import Answer, DeviceQueue


@attrs.frozen(kw_only=True)
class Device:
    """What a device takes; seconds."""

    positions_per_s: float
    """Evaluated, and a move drawn for each."""
    copied_per_s: float
    """Positions carried to the device a second, while it works."""
    launch_s: float
    """Of the host, for each piece of work."""


class Clock:
    """The host's time: that of this thread, faster where as many cores as on another machine would share the work."""

    def __init__(self, counter: Callable[[], float] = thread_time) -> None:
        self._counter = counter
        self._read = counter()
        self._rate = 1.0
        self._now = 0.0
        self.waited_s = 0.0

    def now(self) -> float:
        """Returns the virtual time, seconds."""
        read = self._counter()
        self._now += (read - self._read) * self._rate
        self._read = read
        return self._now

    def spend(self, seconds: float) -> None:
        """Lets time pass."""
        self._now = self.now() + seconds

    def wait_until(self, moment: float) -> None:
        """Lets time pass up to a moment, unless that is over."""
        waits = max(0.0, moment - self.now())
        self._now += waits
        self.waited_s += waits

    @contextmanager
    def at(self, rate: float) -> Iterator[None]:
        """While it is entered, a second of this thread counts as so many."""
        self.now()
        before, self._rate = self._rate, rate
        try:
            yield
        finally:
            self.now()
            self._rate = before


@attrs.frozen
class Place:
    """A place in the queue of a simulated device."""

    clock: Clock
    moment: float
    """When the device has come there."""

    def synchronize(self) -> None:
        self.clock.wait_until(self.moment)


class SimulatedQueue(DeviceQueue):
    """Finds answers at once, and lets the host have them when the device would."""

    def __init__(self, device: Device, clock: Clock) -> None:
        super().__init__(torch.device("cpu"))
        self.times, self.clock = device, clock
        self.busy_s = 0.0
        self._copied = self._ready = 0.0

    def launch(self, work: Callable[[], Tensor]) -> Answer:
        with self.clock.at(0.0):
            found = work()
        num_positions = found.shape[-1]
        self.clock.spend(self.times.launch_s)
        self._copied = max(self._copied, self.clock.now()) + num_positions / self.times.copied_per_s
        took = num_positions / self.times.positions_per_s
        self._ready = max(self._ready, self._copied) + took
        self.busy_s += took
        return Answer(found, self.mark())

    def mark(self) -> Place:
        return Place(self.clock, self._ready)
