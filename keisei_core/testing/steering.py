"""Signals to a world of real processes: sent to the process that started it, as a user or a scheduler sends them."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keisei_core.testing.part import READY, SENT


@contextmanager
def steering(folder: Path, size: int) -> Iterator[None]:
    """While it is entered, sends SIGUSR1 and then SIGTERM to this process, once all of the world wait for them.

    A launcher that takes no notice of them ends nothing: where it leaves the handlers alone, nothing happens at all.

    Args:
        folder: of the world, where its processes say how far they are; see `be_steered`.
        size: of the world.
    """
    numbers, over = (signal.SIGUSR1, signal.SIGTERM), threading.Event()
    before = {number: signal.signal(number, lambda *_: None) for number in numbers}
    sender = threading.Thread(target=_send, args=(folder, size, over), daemon=True)
    sender.start()
    try:
        yield
    finally:
        over.set()
        sender.join()
        for number, handler in before.items():
            signal.signal(number, handler)


def _send(folder: Path, size: int, over: threading.Event) -> None:
    stage = READY
    for number in (signal.SIGUSR1, signal.SIGTERM):
        while len(list(folder.glob(f"{stage}*"))) < size:
            if over.wait(0.02):
                return
        os.kill(os.getpid(), number)
        (folder / f"{SENT}{number.name}").touch()
        stage = f"{number.name}-"
