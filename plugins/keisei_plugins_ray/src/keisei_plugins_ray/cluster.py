"""The cluster of a run: one that is there and joined, or one of this machine alone, for the time of the run.

What Ray does by default and a run must not: it listens at every interface and runs what anybody sends there, joins
whatever cluster is on the machine, starts its workers at niceness 15, tells its makers of its use, leaves a token in
the home folder, and takes SIGTERM for itself.
"""

import logging
import os
import secrets
import signal
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stdout
from functools import cache
from typing import Any, Final

from keisei_core.errors import DistributionError
from keisei_core.launching import blocking
from keisei_core.shown import first_line
from keisei_core.streams import say

QUIET: Final = {"RAY_USAGE_STATS_ENABLED": "0"}
"""Environment variables of every run."""
ALONE: Final = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # every socket at 127.0.0.1; read when ray is imported
    "RAY_worker_niceness": "0",
    "RAY_AUTH_MODE": "token",
}
"""Further ones where the cluster is this machine's alone."""
OBJECT_STORE_BYTES: Final = 80 * 2**20
"""Little more than the least that Ray takes: nothing is kept there."""
TEMPORARY: Final = "RAY_TMPDIR"
"""Environment variable of Ray's. Paths of its sockets end at 107 bytes, so that a usual TMPDIR may be too long."""
STARTS: Final = 2
"""On a machine that is busy a start may fail: Ray's own limits for it are fixed."""


@contextmanager
def cluster(address: str, num_cpus: int, num_gpus: int = 0) -> Iterator[None]:
    """While it is entered, this process belongs to a cluster; one that it belonged to before is left alone.

    Args:
        address: HOST:PORT of the head, `auto`, or empty for a cluster of this machine alone.
        num_cpus: of such a one.
        num_gpus: of such a one.

    Raises:
        DistributionError: there is none at the address, or none can be started here.
    """
    with ExitStack() as stack:
        stack.enter_context(environment(QUIET if address else {**QUIET, **ALONE, "RAY_AUTH_TOKEN": own_token()}))
        ray = import_ray()
        if ray.is_initialized():
            yield
            return
        # What becomes of workers is told here, once; Ray would tell it too, on stdout.
        stack.enter_context(redirect_stdout(stack.enter_context(open(os.devnull, "w", encoding="utf-8"))))
        if address:
            join(address)
        else:
            start(stack.enter_context(session_folder()), num_cpus, num_gpus)
        stack.callback(ray.shutdown)
        yield


def join(address: str) -> None:
    """Joins a cluster.

    Raises:
        DistributionError: nobody is there, or it wants none of us.
    """
    try:
        connect(address=address)
    except Exception as error:
        raise DistributionError(
            f"found no Ray cluster at {address!r} ({first_line(error)}); look at distribution.address, RAY_ADDRESS and "
            "RAY_AUTH_TOKEN, and that this machine is one of the cluster's (ray status)"
        ) from error


def start(folder: str, num_cpus: int, num_gpus: int) -> None:
    """Starts a cluster of this machine alone, a second time where the first comes to nothing.

    Raises:
        DistributionError: the second doesn't either.
    """
    for left in reversed(range(STARTS)):
        try:
            # A terminal that is closed would end Ray's own processes, of its group, before the workers have saved.
            with blocking(signal.SIGHUP):
                connect(
                    address="local",  # without it whatever cluster runs on this machine is joined
                    num_cpus=num_cpus,
                    num_gpus=num_gpus,
                    include_dashboard=False,
                    object_store_memory=OBJECT_STORE_BYTES,
                    _temp_dir=folder,
                )
            return
        except Exception as error:
            import_ray().shutdown()
            if not left:
                raise DistributionError(
                    f"no Ray cluster could be started on this machine ({first_line(error)}); "
                    "look whether it is very busy or out of memory, or let distribution.name be ddp"
                ) from error
            say(f"keisei: a Ray cluster did not start on this machine ({first_line(error)}); trying once more")


def connect(**how: Any) -> None:
    """Connects this process, whose signal handlers stay what they are and which Ray tells nothing."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import_ray().init(log_to_driver=False, logging_level=logging.CRITICAL, **how)
    finally:
        signal.signal(signal.SIGTERM, before)


def import_ray() -> Any:
    """Returns the library, which reads some of its environment variables as it is imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray
    return ray


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """While it is entered, these variables are set, for Ray's processes too; those that a user set stay the user's."""
    added = {name: value for name, value in variables.items() if name not in os.environ}
    os.environ.update(added)
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def session_folder() -> Iterator[str]:
    """Makes a folder for Ray's sockets and logs, gone afterwards; by its own no other user or run is found.

    Ray lets every user of the machine into the folder that it is told: it lies in another of this user's alone.
    """
    place = os.environ.get(TEMPORARY, "/tmp")
    with tempfile.TemporaryDirectory(prefix="keisei-ray-", dir=place, ignore_cleanup_errors=True) as folder:
        yield f"{folder}/r"


@cache
def own_token() -> str:
    """Returns a password for clusters of this process alone: Ray would make one in the home folder, for all to read.

    Always the same one, since Ray reads it once in a process.
    """
    return secrets.token_hex(32)
