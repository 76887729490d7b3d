"""The actor that stands for one process of the run on some machine of the cluster.

It does not do the work itself. Keisei's process ends itself by `os._exit` where another falls silent, installs signal
handlers in its main thread and returns an exit code; inside of an actor the first looks to Ray like a crash, and there
is no main thread to install anything in. So the actor starts a worker as its child and watches it; the child ends when
the actor does.
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import IO, Any, Final

import ray

from keisei_core.launching import Place, Worker, write_job
from keisei_plugins_ray.news import News
from keisei_plugins_ray.whereabouts import Whereabouts

DRAINED_S: Final = 2.0
"""How long to wait, after a worker ended, for the last it printed: a process that it left behind may hold the pipe."""
CHUNK: Final = 65_536


class Seat:
    """Starts, watches, tells and ends one worker; several of its methods may run at once."""

    def __init__(self, pickled: bytes) -> None:
        """Takes the job; see `Job.pickled`."""
        self.folder = Path(tempfile.mkdtemp(prefix="keisei-ray-"))
        write_job(self.folder, pickled)
        self.worker: Worker | None = None
        self.printed: list[tuple[int, bytes]] = []
        self.changed = threading.Condition()
        self.readers: list[threading.Thread] = []

    def whereabouts(self, mark: str) -> Whereabouts:
        """Tells where this is.

        Args:
            mark: a file that the launcher made; empty where there is none to look for.
        """
        address = ray.util.get_node_ip_address()
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address, 0))
            port = probe.getsockname()[1]
        node = ray.get_runtime_context().get_node_id()
        sees = bool(mark) and Path(mark).exists()
        return Whereabouts(node=node, address=address, port=port, niceness=os.nice(0), sees_folder=sees)

    def start(self, place: Place, variables: Mapping[str, str], folder: str) -> None:
        """Starts the worker.

        Args:
            place: where it stands among the others.
            variables: of the launcher's environment.
            folder: the launcher's own, where the worker begins too, if it is there.
        """
        os.environ.update(variables)
        own = folder if Path(folder).is_dir() else None
        self.worker = Worker(self.folder, place, cwd=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for number, stream in ((1, self.worker.process.stdout), (2, self.worker.process.stderr)):
            self.readers.append(threading.Thread(target=self._read, args=(number, stream), daemon=True))
            self.readers[-1].start()

    def news(self, wait_s: float) -> News:
        """Returns what became of the worker since; waits so long for something to tell."""
        assert self.worker is not None
        until = monotonic() + wait_s
        with self.changed:
            while not self.printed and self.worker.code is None and monotonic() < until:
                self.changed.wait(0.1)
        code = self.worker.code
        if code is not None:
            self._drain()
        with self.changed:
            printed, self.printed = tuple(self.printed), []
        return News(printed=printed, code=code, outcome=None if code is None else self.worker.outcome)

    def tell(self, number: int, started: None) -> None:
        """Hands a signal on.

        Args:
            number: of the signal.
            started: what `start` answered, so that this call comes after that.
        """
        assert self.worker is not None
        self.worker.tell(signal.Signals(number))

    def end(self) -> None:
        """Ends the worker, a frozen one too, and leaves nothing behind."""
        if self.worker is not None:
            self.worker.end()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, number: int, stream: IO[bytes]) -> None:
        while chunk := os.read(stream.fileno(), CHUNK):
            with self.changed:
                self.printed.append((number, chunk))
                self.changed.notify_all()

    def _drain(self) -> None:
        deadline = monotonic() + DRAINED_S
        for reader in self.readers:
            reader.join(max(deadline - monotonic(), 0))


def remote_seat(**options: Any) -> Any:
    """Returns the actor's class for Ray: several calls at once, since one waits for news while another tells."""
    return ray.remote(Seat).options(max_concurrency=4, **options)
