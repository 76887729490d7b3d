"""Torchrun's elastic agent, started from within: it watches the workers, ends them together, starts them again.

What is added: what became of them is noted in `Restarts`, which decides what follows; a frozen worker does not hold up
the end of the others, and a signal asks the workers to save instead of ending them.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from torch.distributed.elastic.agent.server.api import RunResult, WorkerGroup, WorkerSpec
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException

from keisei_core.launching import Restarts, blocking, forwarding

GRACE_S: Final = 5
"""Seconds that workers have for ending before they are killed."""
MONITOR_S: Final = 0.1


class Agent(LocalElasticAgent):
    """Runs one group of workers on this machine."""

    def __init__(self, spec: WorkerSpec, folder: Path, restarts: Restarts) -> None:
        """Prepares the group.

        Args:
            spec: the workers.
            folder: for torch's own notes.
            restarts: told how workers end.
        """
        super().__init__(spec, DefaultLogsSpecs(str(folder)), shutdown_timeout=GRACE_S)
        self.restarts = restarts
        self.pids: tuple[int, ...] = ()
        """Of the workers, as soon as they are there."""

    def _start_workers(self, worker_group: WorkerGroup) -> dict[int, Any]:
        self.restarts.begin()
        if self.restarts.stop_requested:
            raise SignalException("asked to stop before there was anything to save", self.restarts.stop_requested)
        with blocking(signal.SIGUSR1):
            pids: dict[int, Any] = super()._start_workers(worker_group)
        context = self._pcontext
        assert context is not None
        # Its own callers take 30 s for granted, which a frozen worker would use up.
        context.close = partial(_close_soon, context.close)  # type: ignore[method-assign]
        self.pids = tuple(pids.values())
        if self.restarts.stop_requested:  # it came while they were started, and found none to tell
            self._tell_workers(signal.SIGTERM)
        return pids

    def _monitor_workers(self, worker_group: WorkerGroup) -> RunResult:
        """Notes who failed before the others are ended; behind a lost connection waits a moment for the cause."""
        for worker in worker_group.workers:
            self.restarts.note(worker.global_rank, exit_code_of(worker.id) or 0)
        if self.restarts.is_waiting_for_cause:
            return RunResult(state=worker_group.state)
        result: RunResult = super()._monitor_workers(worker_group)
        if result.is_failed() and not self.restarts.ends:
            # It ended since they were looked at above. Torch has ended the others meanwhile, and names them too.
            for rank, failure in sorted(result.failures.items(), key=lambda each: each[1].exitcode == -signal.SIGTERM):
                self.restarts.note(rank, failure.exitcode)
        self._remaining_restarts = self.restarts.left
        return result

    def _restart_workers(self, worker_group: WorkerGroup) -> None:
        self.restarts.again()
        super()._restart_workers(worker_group)

    @contextmanager
    def asking_to_save(self) -> Iterator[None]:
        """While it is entered, a signal that asks to stop goes on to the workers; one more ends them."""
        os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = "SIGQUIT"  # what torch's agent itself handles ends them at once
        with forwarding(self.restarts, self._tell_workers, _end):
            yield

    def _tell_workers(self, number: signal.Signals) -> None:
        for pid in self.pids:
            if exit_code_of(pid) is None:
                os.kill(pid, number)


def exit_code_of(pid: int) -> int | None:
    """Returns the exit code of a child that ended, negative for a signal; None while it runs. It is not reaped."""
    try:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return 0
    if ended is None:
        return None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _end(number: signal.Signals) -> NoReturn:
    raise SignalException("asked twice to stop", number)


def _close_soon(close: Callable[..., None], death_sig: signal.Signals | None = None, timeout: int = GRACE_S) -> None:
    close(death_sig, min(timeout, GRACE_S))
