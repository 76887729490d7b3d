"""Torchrun's elastic agent, started from within: it watches the workers, ends them together, starts them again.

What is added: the rank that failed first is known, a frozen worker does not hold up the end of the others, and a signal
asks the workers to save instead of ending them.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import Any, Final

from torch.distributed.elastic.agent.server.api import RunResult, WorkerGroup, WorkerSpec
from torch.distributed.elastic.agent.server.local_elastic_agent import LocalElasticAgent
from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, SignalException

from keisei_core.errors import (
    CheckpointError,
    ConfigError,
    DistributionError,
    DivergedError,
    PluginError,
    RunFolderError,
)

GRACE_S: Final = 5
"""Seconds that workers have for ending before they are killed."""
CAUSE_S: Final = 1.5
"""How long to wait, after workers that only lost another, for that other's own end."""
MONITOR_S: Final = 0.1
NOT_AGAIN: Final = frozenset(
    error.exit_code for error in (ConfigError, PluginError, CheckpointError, DivergedError, RunFolderError)
)
"""Exit codes of what would only happen once more."""
FORWARDED: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)


class Agent(LocalElasticAgent):
    """Runs one group of workers on this machine."""

    def __init__(self, spec: WorkerSpec, folder: Path, before_restart: Callable[["Agent"], None]) -> None:
        """Prepares the group.

        Args:
            spec: the workers.
            folder: for torch's own notes.
            before_restart: called before the workers are started again.
        """
        super().__init__(spec, DefaultLogsSpecs(str(folder)), shutdown_timeout=GRACE_S)
        self.before_restart = before_restart
        self.dead: dict[int, int] = {}
        """Exit codes by rank, negative for a signal, of workers that ended badly by themselves, in that order."""
        self.dead_since = 0.0
        self.attempt = 0
        """How often the group was started again."""
        self.stop_requested: signal.Signals | None = None
        """The first signal that asked to stop."""

    def _start_workers(self, worker_group: WorkerGroup) -> dict[int, Any]:
        self.dead = {}
        if self.stop_requested:
            raise SignalException("asked to stop before there was anything to save", self.stop_requested)
        pids: dict[int, Any] = super()._start_workers(worker_group)
        context = self._pcontext
        assert context is not None
        # Its own callers take 30 s for granted, which a frozen worker would use up.
        context.close = partial(_close_soon, context.close)  # type: ignore[method-assign]
        return pids

    def _monitor_workers(self, worker_group: WorkerGroup) -> RunResult:
        """Remembers who failed before the others are ended; behind a lost connection waits a moment for the cause."""
        if not self.dead:
            self.dead_since = monotonic()
        for worker in worker_group.workers:
            code = exit_code_of(worker.id)
            if code:
                self.dead.setdefault(worker.global_rank, code)
        only_lost = all(code == DistributionError.exit_code for code in self.dead.values())
        is_early = monotonic() - self.dead_since < CAUSE_S and len(self.dead) < len(worker_group.workers)
        if self.dead and only_lost and is_early:
            return RunResult(state=worker_group.state)
        if NOT_AGAIN.intersection(self.dead.values()):
            self._remaining_restarts = 0
        result: RunResult = super()._monitor_workers(worker_group)
        return result

    def _restart_workers(self, worker_group: WorkerGroup) -> None:
        self.before_restart(self)
        self.attempt += 1
        super()._restart_workers(worker_group)

    @property
    def num_workers(self) -> int:
        """How many workers the group has."""
        return len(self._worker_group.workers)

    @property
    def max_restarts(self) -> int:
        """How often the group may be started again."""
        return int(self._worker_group.spec.max_restarts)

    def cause(self) -> str:
        """Says which worker failed first and how."""
        rank = self.first_failed()
        code = self.dead.get(rank, 0)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"rank {rank} of {self.num_workers} {how}"

    def first_failed(self) -> int:
        """Returns the rank behind the failure: not one that only lost another."""
        causes = [rank for rank, code in self.dead.items() if code != DistributionError.exit_code]
        return (causes or list(self.dead) or [0])[0]

    @contextmanager
    def asking_to_save(self) -> Iterator[None]:
        """While it is entered, the first SIGINT, SIGTERM or SIGHUP goes on to the workers; one more ends them.

        A further SIGHUP, which often comes twice, does not; an ignored one (nohup) stays ignored. SIGUSR1, which asks
        to save and go on, goes on to them whenever it comes.
        """
        os.environ["TORCHELASTIC_SIGNALS_TO_HANDLE"] = "SIGQUIT"  # what torch's agent itself handles ends them at once
        is_nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
        taken = [number for number in FORWARDED if number != signal.SIGHUP or not is_nohup]
        before = {number: signal.signal(number, self._on_signal) for number in taken}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if number == signal.SIGUSR1:
            self._tell_workers(signal.SIGUSR1)
            return
        if self.stop_requested and number == signal.SIGHUP:
            return
        if self.stop_requested:
            raise SignalException("asked twice to stop", signal.Signals(number))
        self.stop_requested = signal.Signals(number)
        self._remaining_restarts = 0
        self._tell_workers(signal.SIGTERM)

    def _tell_workers(self, number: signal.Signals) -> None:
        for worker in self._worker_group.workers:
            if isinstance(worker.id, int) and exit_code_of(worker.id) is None:
                os.kill(worker.id, number)


def exit_code_of(pid: int) -> int | None:
    """Returns the exit code of a child that ended, negative for a signal; None while it runs. It is not reaped."""
    try:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return 0
    if ended is None:
        return None
    return ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status


def _close_soon(close: Callable[..., None], death_sig: signal.Signals | None = None, timeout: int = GRACE_S) -> None:
    close(death_sig, min(timeout, GRACE_S))
