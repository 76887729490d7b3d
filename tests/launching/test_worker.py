"""A worker as its launcher sees it; how it does its job is seen in the contract of distribution backends."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from keisei_core.launching import Job, Outcome, Place, Worker, blocking, write_job
from keisei_core.launching.forwarding import no_longer_blocking

ALONE = Place(
    rank=0, world_size=1, local_rank=0, local_world_size=1, address="127.0.0.1", port=0, attempt=0, has_store=False
)


def test_worker_has_a_session_of_its_own_and_a_frozen_one_is_ended(tmp_path: Path) -> None:
    write_job(tmp_path, Job(work=time.sleep, arguments=(600,)).pickled())
    worker = Worker(tmp_path, ALONE)
    assert os.getsid(worker.process.pid) == worker.process.pid != os.getsid(0)
    assert worker.code is None

    worker.tell(signal.SIGSTOP)
    worker.end()

    assert worker.code == -signal.SIGTERM
    assert worker.outcome is None


def test_wish_to_save_that_comes_before_a_worker_knows_of_it_does_not_end_it(tmp_path: Path) -> None:
    write_job(tmp_path, Job(work=os.getpid).pickled())
    worker = Worker(tmp_path, ALONE, cwd=tmp_path)

    worker.tell(signal.SIGUSR1)
    worker.process.wait(timeout=120)

    assert (worker.code, worker.outcome) == (0, Outcome(code=worker.process.pid))


@pytest.mark.parametrize(
    ("end", "code", "told"),
    [
        ("from keisei_core.errors import ConfigError; raise ConfigError(['wrong'])", 2, "wrong"),
        ("raise ValueError('boom')", 1, "ValueError: boom"),
        ("pass", 0, "its work is done, with exit code 0"),
    ],
)
def test_worker_whose_outcome_can_not_be_written_says_it_itself_and_ends_with_its_code(
    end: str, code: int, told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    write_job(folder, Job(work=exec, arguments=(f"import shutil; shutil.rmtree({str(folder)!r}); {end}",)).pickled())
    worker = Worker(folder, ALONE, cwd=tmp_path, stderr=subprocess.PIPE, text=True)

    _, said = worker.process.communicate(timeout=120)

    assert (worker.code, worker.outcome) == (code, None)
    assert "rank 0 can't leave to its launcher how it ended" in said
    assert said.endswith(f"{told}\n")


def test_signal_that_waited_while_it_was_blocked_is_gone_afterwards() -> None:
    before = signal.getsignal(signal.SIGUSR1)
    try:
        with blocking(signal.SIGUSR1):
            signal.raise_signal(signal.SIGUSR1)
            no_longer_blocking(signal.SIGUSR1)
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
