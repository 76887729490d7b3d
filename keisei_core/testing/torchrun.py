"""Starts a world by torchrun, for backends that leave that to it; and one process of such a world: its `main`."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from keisei_core.errors import DistributionError
from keisei_core.launching.job import Job, read_job, write_job

CODE: Final = "code"
TOLD: Final = 20_000
"""Characters of what torchrun printed that an error repeats."""


def torchrun(size: int, work: Callable[..., int], arguments: tuple[Any, ...]) -> int:
    """Runs `work(*arguments)` in so many processes of this machine and returns rank 0's exit code.

    Raises:
        DistributionError: one of them failed.
    """
    with tempfile.TemporaryDirectory(prefix="keisei-torchrun-") as place:
        folder = Path(place)
        write_job(folder, Job(work=work, arguments=arguments).pickled())
        process = subprocess.Popen(
            _command(size, folder), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            told, _ = process.communicate()
        finally:
            _end(process)
        if process.returncode:
            raise DistributionError(f"torchrun ended with {process.returncode}: {told.decode()[-TOLD:]}")
        return int((folder / CODE).read_text())


def main() -> None:
    """Does one process's part."""
    folder = Path(sys.argv[1])
    work, arguments = read_job(folder)
    code = work(*arguments)
    if os.environ["RANK"] == "0":
        (folder / CODE).write_text(str(code))
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of a group of processes that was left may outlive Python's, and end the process by abort on the way out.
    os._exit(0)


def _command(size: int, folder: Path) -> list[str]:
    here = ("--nnodes=1", "--rdzv-backend=c10d", "--rdzv-endpoint=127.0.0.1:0", "--local-addr=127.0.0.1")
    part = ("-m", "keisei_core.testing.torchrun", str(folder))
    return [sys.executable, "-m", "torch.distributed.run", *here, f"--nproc-per-node={size}", *part]


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ends torchrun, which ends its workers, if it still runs."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=10)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


if __name__ == "__main__":
    main()
