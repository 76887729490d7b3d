"""A worker as its launcher sees it; how it does its job is seen in the contract of distribution backends."""

import os
import signal
import time
from pathlib import Path

from keisei_core.launching import Job, Place, Worker, write_job

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
