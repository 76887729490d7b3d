"""Running work in every process of a group: as one of its workers, or by starting them."""

import logging
import os
import signal
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import torch
from torch.distributed.elastic.agent.server.api import WorkerSpec
from torch.distributed.elastic.multiprocessing import SignalException

from keisei_core.display import ERASE, has_display
from keisei_core.errors import DistributionError, KeiseiError
from keisei_core.launching.job import JOB, write_job
from keisei_core.launching.outcome import FOLDER, Outcome
from keisei_core.launching.part import Work, take_part
from keisei_core.launching.place import Place
from keisei_core.shogi.cores import usable_cores
from keisei_core.streams import SturdyStream, say
from keisei_plugins_ddp.agent import MONITOR_S, Agent
from keisei_plugins_ddp.meeting import LOOPBACK, LocalRendezvous
from keisei_plugins_ddp.options import DDPOptions

EXIT_SIGNALLED: Final = 128
"""What a shell adds to the number of the signal that ended a process."""
STOPPED_EARLY: Final = (-signal.SIGTERM, EXIT_SIGNALLED + signal.SIGINT)
"""How workers end that are asked to stop before there is anything to save."""


def launch(work: Work, arguments: tuple[Any, ...], options: DDPOptions) -> int:
    """Runs `work(*arguments)` in every process of the group and returns the exit code.

    In a process that a launcher such as torchrun started, that is here; elsewhere workers are started on this machine.

    Raises:
        DistributionError: a process failed, froze, never joined, or could not be started.
        KeiseiError: what the work itself raised, in the worker that failed first.
    """
    if Place.from_environment() is not None:
        return take_part(work, arguments)
    with tempfile.TemporaryDirectory(prefix="keisei-ddp-") as folder:
        write_job(Path(folder), work, arguments)
        return start_workers(Path(folder), options)


def start_workers(folder: Path, options: DDPOptions) -> int:
    """Starts the workers, waits for them, and tells of the one that failed first."""
    count = options.processes or default_processes()
    os.environ[FOLDER] = str(folder)
    _silence_torch()
    agent = Agent(worker_spec(folder, count, options), folder, partial(tell_restart, folder=folder))
    try:
        with agent.asking_to_save():
            result = agent.run()
    except SignalException as ended_by:
        return EXIT_SIGNALLED + ended_by.sigval
    finally:
        del os.environ[FOLDER]
        if has_display():  # a worker that was killed left its live display there
            SturdyStream(sys.stderr).write(ERASE)
    if not result.is_failed():
        ended = Outcome.read(folder, 0, agent.attempt)
        return 0 if ended is None else ended.code
    if agent.stop_requested and agent.dead.get(agent.first_failed()) in STOPPED_EARLY:
        return EXIT_SIGNALLED + agent.stop_requested
    raise failure(agent, folder)


def failure(agent: Agent, folder: Path) -> KeiseiError:
    """Makes the error to end with, from what the worker that failed first left; shows a traceback nobody foresaw."""
    rank = agent.first_failed()
    ended = Outcome.read(folder, rank, agent.attempt)
    if ended is None:
        return DistributionError(
            f"{agent.cause()} and the others were ended; look for its messages above and for the system's (out of "
            "memory?), then resume from the last checkpoint, or let distribution.max_restarts do so"
        )
    if ended.traceback:
        say(f"keisei: traceback of rank {rank}:\n{ended.traceback.rstrip()}")
        ended = attrs.evolve(ended, message=f"rank {rank} of {agent.num_workers} failed: {ended.message}")
    return ended.error


def tell_restart(agent: Agent, folder: Path) -> None:
    """Says why the workers are about to be started again."""
    ended = Outcome.read(folder, agent.first_failed(), agent.attempt)
    if ended is not None and ended.traceback:
        say(f"keisei: traceback of rank {agent.first_failed()}:\n{ended.traceback.rstrip()}")
    why = f" ({ended.message})" if ended is not None else ""
    number = f"{agent.attempt + 1} of {agent.max_restarts}"
    say(f"keisei: {agent.cause()}{why}; starting again ({number}) from the last checkpoint")


def worker_spec(folder: Path, count: int, options: DDPOptions) -> WorkerSpec:
    """Describes the workers to the agent."""
    return WorkerSpec(
        role="keisei",
        local_world_size=count,
        entrypoint=sys.executable,
        args=("-P", "-m", "keisei_core.launching", str(folder / JOB), str(os.getpid())),
        rdzv_handler=LocalRendezvous(folder.name, options.join_timeout_s),
        max_restarts=options.max_restarts,
        monitor_interval=MONITOR_S,
        local_addr=LOOPBACK,
    )


def default_processes() -> int:
    """Returns one process for each GPU, or for each CPU core that this process may use."""
    return torch.cuda.device_count() if torch.cuda.is_available() else usable_cores()


def _silence_torch() -> None:
    """Turns off what torch's agent says about the workers' ends: it is told here, once."""
    for name in logging.getLogger().manager.loggerDict:
        if name.startswith("torch.distributed.elastic"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
