"""Signs of life: every process tells rank 0 that it lives, rank 0 tells all, and who hears nothing ends itself.

A collective says nothing while it waits, and one process may well wait long for another that plays a match. Silence of
a whole process is another thing: frozen, cut off, or its machine gone. Rank 0 alone listens to all, for all listening
to all would drown the store: rank 0 says who fell silent, and the others, which listen to it, end on its word.
"""

import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic, sleep
from typing import Final

from torch.distributed import Store  # type: ignore[attr-defined]

BEATS: Final = 12
"""Signs of life within the time after which silence counts."""
LONGEST_INTERVAL_S: Final = 5.0
GONE: Final = "gone"
"""The last sign of a process that fails."""
AFTERMATH_S: Final = 3.0
"""How long after that sign a process may still find out by itself that it lost a connection, and end in order."""
VERDICT: Final = b"["
"""How the last sign of rank 0 begins where it ends because of others: JSON, their ranks and what became of them."""


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
        self.world_size = world_size
        self.timeout_s = timeout_s
        self.interval_s = min(timeout_s / BEATS, LONGEST_INTERVAL_S)
        self.end = end
        watched = [0] if rank else range(1, world_size)
        self.heard: dict[int, tuple[bytes, float]] = {other: (b"", monotonic()) for other in watched}
        """The last sign of each rank that this one listens to, and when it came."""
        self.stopped = threading.Event()
        self.last_words = ""
        self.threads = [
            threading.Thread(target=target, daemon=True, name=f"pulse {target.__name__}")
            for target in (self._beat, self._watch)
        ]
        for thread in self.threads:
            thread.start()

    def stop(self, *, failed: bool = False) -> None:
        """Ends both threads; one that fails tells the others, who then needn't wait for its silence."""
        self._stop(GONE if failed else "")

    def join(self) -> None:
        """Waits for both threads, which were stopped: Python aborts where it ends while one of them is in the store."""
        for thread in self.threads:
            thread.join(LONGEST_INTERVAL_S)

    def _stop(self, last_words: str) -> None:
        self.last_words = last_words
        self.stopped.set()
        self._say_goodbye()

    def _say_goodbye(self) -> None:
        if self.last_words:
            with suppress(RuntimeError):
                self.store.set(_key(self.rank), self.last_words)

    def gone(self) -> list[int]:
        """Asks for the ranks that said that they fail."""
        said = [other for other in range(self.world_size) if other != self.rank and self._has_spoken(other)]
        with suppress(RuntimeError):
            signs = self.store.multi_get([_key(other) for other in said]) if said else []
            return [other for other, sign in zip(said, signs, strict=True) if sign == GONE.encode()]
        return []

    def _has_spoken(self, other: int) -> bool:
        with suppress(RuntimeError):
            return bool(self.store.check([_key(other)]))
        return False

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
        """Remembers when each of those it listens to last said something new; one request once all have spoken."""
        speaking = [other for other, (sign, _) in self.heard.items() if sign or self._has_spoken(other)]
        if not speaking:
            return
        for other, sign in zip(speaking, self.store.multi_get([_key(other) for other in speaking]), strict=True):
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
            ranks, what = self._verdict(now)
            if ranks and not self.stopped.is_set():
                self._tell_all(ranks, what)
                self.end(ranks, what)

    def _verdict(self, now: float) -> tuple[list[int], str]:
        """Returns which processes are given up at this time of the clock, and what became of them."""
        for sign, _ in self.heard.values():
            if sign.startswith(VERDICT):
                ranks, what = json.loads(sign)
                return list(ranks), str(what)
        signs = self.heard.items()
        if failed := [other for other, (sign, when) in signs if sign == GONE.encode() and now - when > AFTERMATH_S]:
            return failed, "failed"
        silent = [other for other, (_, when) in signs if now - when > self.timeout_s]
        return silent, f"gave no sign of life for {self.timeout_s:g} s"

    def _tell_all(self, ranks: list[int], what: str) -> None:
        """Stops; rank 0 first gives the others time to hear why, since the store may end with it."""
        if self.rank:
            self.stopped.set()
            return
        # In a thread of its own: the store may not answer.
        threading.Thread(target=self._stop, args=(json.dumps([ranks, what]),), daemon=True).start()
        sleep(self.interval_s)


def _key(rank: int) -> str:
    return f"pulse/{rank}"
