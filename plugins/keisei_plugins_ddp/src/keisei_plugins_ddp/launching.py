"""Running work in every process of a group: as one of its workers, or by starting them."""

import logging
import os
import sys
import tempfile
from functools import partial
from pathlib import Path

import torch
from torch.distributed.elastic.agent.server.api import WorkerSpec
from torch.distributed.elastic.multiprocessing import SignalException

from keisei_core.display import ERASE, has_display
from keisei_core.launching import FOLDER, Job, Outcome, Place, Restarts, take_part, worker_words, write_job
from keisei_core.launching.restarts import EXIT_SIGNALLED
from keisei_core.shogi.cores import usable_cores
from keisei_core.streams import SturdyStream
from keisei_plugins_ddp.agent import MONITOR_S, Agent
from keisei_plugins_ddp.meeting import LOOPBACK, LocalRendezvous
from keisei_plugins_ddp.options import DDPOptions


def launch(job: Job) -> int:
    """Runs a job's work in every process of the group and returns the exit code.

    In a process that a launcher such as torchrun started, that is here; elsewhere workers are started on this machine.

    Raises:
        DistributionError: a process failed, froze, never joined, or could not be started.
        KeiseiError: what the work itself raised, in the worker that failed first.
    """
    if Place.from_environment() is not None:
        return take_part(job.work, job.arguments)
    with tempfile.TemporaryDirectory(prefix="keisei-ddp-") as folder:
        write_job(Path(folder), job.pickled())
        return start_workers(Path(folder), job.options)


def start_workers(folder: Path, options: DDPOptions) -> int:
    """Starts the workers, waits for them, and tells of the one that failed first."""
    count = options.processes or default_processes()
    _silence_torch()
    restarts = Restarts(count, options.max_restarts, partial(Outcome.read, folder))
    agent = Agent(worker_spec(folder, count, options), folder, restarts)
    os.environ[FOLDER] = str(folder)
    try:
        with agent.asking_to_save():
            agent.run()
    except SignalException as ended_by:
        return EXIT_SIGNALLED + ended_by.sigval
    finally:
        del os.environ[FOLDER]
        if has_display():  # a worker that was killed left its live display there
            SturdyStream(sys.stderr).write(ERASE)
    return restarts.exit_code()


def worker_spec(folder: Path, count: int, options: DDPOptions) -> WorkerSpec:
    """Describes the workers to the agent."""
    return WorkerSpec(
        role="keisei",
        local_world_size=count,
        entrypoint=sys.executable,
        args=worker_words(folder),
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
