"""Threads that stand in for the processes of a run, where a test needs ranks and no processes."""

import threading
from collections.abc import Callable
from typing import Any

import torch

from keisei_core.distribution import Single


class Thread(Single):
    """One of several that meet at each exchange; threads stand in for processes."""

    def __init__(self, rank: int, world_size: int, meeting: threading.Barrier, table: dict[str, bytes]) -> None:
        super().__init__(torch.device("cpu"))
        self.rank, self.world_size = rank, world_size  # type: ignore[misc]
        self.meeting, self.table = meeting, table

    def broadcast(self, data: bytes) -> bytes:
        if self.rank == 0:
            self.table["data"] = data
        self.meeting.wait(10)
        found = self.table["data"]
        self.meeting.wait(10)
        return found

    def gather(self, data: bytes) -> list[bytes]:
        self.table[f"of {self.rank}"] = data
        self.meeting.wait(10)
        found = [self.table[f"of {rank}"] for rank in range(self.world_size)] if self.rank == 0 else []
        self.meeting.wait(10)
        return found

    def any(self, flag: bool) -> bool:
        self.table[f"flag of {self.rank}"] = b"yes" if flag else b""
        self.meeting.wait(10)
        found = any(self.table[f"flag of {rank}"] for rank in range(self.world_size))
        self.meeting.wait(10)
        return found


def on_every_rank(work: Callable[[Thread], Any], world_size: int = 2) -> list[Any]:
    """Does the work on every rank; returns what each returned or raised."""
    meeting = threading.Barrier(world_size)
    table: dict[str, bytes] = {}
    found: list[Any] = [None] * world_size

    def do(rank: int) -> None:
        try:
            found[rank] = work(Thread(rank, world_size, meeting, table))
        except Exception as error:
            found[rank] = error

    threads = [threading.Thread(target=do, args=(rank,)) for rank in range(world_size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return found
