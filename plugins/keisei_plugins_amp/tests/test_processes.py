"""Two real processes whose gradients are one mean: what one can't step down, none does."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

WORKER = Path(__file__).parent / "skip_together.py"


@pytest.mark.skipif(not torch.distributed.is_gloo_available(), reason="torch comes without gloo")
def test_overflow_on_one_rank_skips_the_step_and_halves_the_scale_on_all() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    shared = os.environ | {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    workers = [
        subprocess.Popen([sys.executable, WORKER], env=shared | {"RANK": rank}, stdout=subprocess.PIPE, text=True)
        for rank in "01"
    ]
    try:
        first, second = (json.loads(worker.communicate(timeout=120)[0]) for worker in workers)
    finally:
        for worker in workers:
            worker.kill()

    assert first == second
    skipped, stepped = first
    assert skipped["norm"] in ("inf", "nan")
    assert skipped["scale"] == stepped["scale"] == 512
    assert skipped["weights"] != stepped["weights"]
