"""Signs of life: every process tells the others that it lives, and ends itself where another falls silent.

A collective says nothing while it waits, and one process may well wait long for another that plays a match. Silence of
a whole process is another thing: frozen, cut off, or its machine gone.
"""

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

from torch.distributed import Store  # type: ignore[attr-defined]

BEATS: Final = 12
"""Signs of life within the time after which silence counts."""
LONGEST_INTERVAL_S: Final = 5.0
GONE: Final = "gone"
"""The last sign of a process that fails."""
AFTERMATH_S: Final = 3.0
"""How long after that sign a process may still find out by itself that it lost a connection, and end in order."""


class Pulse:
    """Two threads: one talks to the store and may hang there, the other only looks at the clock."""

    def __init__(
        self,
        store: Store,
        rank: int,
        world_size: int,
        timeout_s: float,
        end: Callable[[Sequence[int], str], None],
    ) -> None:
        """Begins.

        Args:
            store: used by these threads alone: one that waits in it would block the others.
            rank: this process.
            world_size: how many processes.
            timeout_s: seconds of silence after which a process is given up.
            end: called once, in a thread of its own, with ranks and what became of them.
        """
        self.store = store
        self.rank = rank
        self.others = [other for other in range(world_size) if other != rank]
        self.timeout_s = timeout_s
        self.interval_s = min(timeout_s / BEATS, LONGEST_INTERVAL_S)
        self.end = end
        self.heard: dict[int, tuple[bytes, float]] = {other: (b"", monotonic()) for other in self.others}
        self.stopped = threading.Event()
        self.failed = False
        for target in (self._beat, self._watch):
            threading.Thread(target=target, daemon=True, name=f"pulse {target.__name__}").start()

    def stop(self, *, failed: bool = False) -> None:
        """Ends both threads; one that fails tells the others, who then needn't wait for its silence."""
        self.failed = failed
        self.stopped.set()
        self._say_goodbye()

    def _say_goodbye(self) -> None:
        if self.failed:
            with suppress(RuntimeError):
                self.store.set(_key(self.rank), GONE)

    def gone(self) -> list[int]:
        """Returns the ranks that said that they fail."""
        return [rank for rank, (sign, _) in self.heard.items() if sign == GONE.encode()]

    def _beat(self) -> None:
        beat = 0
        while not self.stopped.is_set():
            beat += 1
            # A store that can't be reached is silence too; the other thread counts it.
            with suppress(RuntimeError):
                self.store.set(_key(self.rank), str(beat))
                self._listen()
            self.stopped.wait(self.interval_s)
        # A last beat may have come after the goodbye, and taken its place.
        self._say_goodbye()

    def _listen(self) -> None:
        """Remembers when each of the others last said something new."""
        for other in self.others:
            if self.store.check([_key(other)]):
                sign = self.store.get(_key(other))
                if sign != self.heard[other][0]:
                    self.heard[other] = (sign, monotonic())

    def _watch(self) -> None:
        looked = monotonic()
        while not self.stopped.wait(self.interval_s):
            now = monotonic()
            if now - looked > self.timeout_s / 2:
                # This process was itself stopped: whoever was silent meanwhile may have spoken unheard.
                self.heard = {other: (sign, now) for other, (sign, _) in self.heard.items()}
            looked = now
            silent = [other for other, (_, when) in self.heard.items() if now - when > self.timeout_s]
            failed = [other for other in self.gone() if now - self.heard[other][1] > AFTERMATH_S]
            if (silent or failed) and not self.stopped.is_set():
                self.stopped.set()
                what = "failed" if failed else f"gave no sign of life for {self.timeout_s:g} s"
                self.end(failed or silent, what)


def _key(rank: int) -> str:
    return f"pulse/{rank}"
