"""A Ray cluster of two hosts whose head, where the command is typed, takes no work: rank 0 has to go to the other."""

import secrets
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from keisei_core.testing.processes import Processes
from keisei_core.testing.tiny_run import PATIENCE_S, logged_in, tiny_config
from tests.clusters.schedulers import ADDRESSES, Host

HEAD = f"{ADDRESSES[0]}:6379"
UPDATES = 4
RAY = f"""
[distribution]
name = "ray"
address = "{HEAD}"
processes = 2
place_timeout_s = 600
"""
ROLES = (
    ("--head", "--port=6379", "--num-cpus=0", "--include-dashboard=false"),
    (f"--address={HEAD}", "--num-cpus=2"),
)
"""How each host's part of the cluster is started."""
STARTED = "Ray runtime started."


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes(without=("RAY_",))
    yield processes
    processes.close()


@pytest.fixture
def command(hosts: Sequence[Host], processes: Processes, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Starts the cluster; returns what starts Keisei's command on its head."""
    pytest.importorskip("ray")
    with tempfile.TemporaryDirectory(prefix="keisei-ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        shared = {"RAY_TMPDIR": folder, "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        variables = shared | {"RAY_USAGE_STATS_ENABLED": "0", "RAY_worker_niceness": "0", "PYTHONUNBUFFERED": "1"}
        for host, address, role in zip(hosts, ADDRESSES, ROLES, strict=True):
            words = ("-m", "ray.scripts.scripts", "start", *role, f"--node-ip-address={address}", "--block")
            wait_for_start(processes.start(*words, prefix=tuple(host.command([])), cwd=tmp_path, **variables))
        yield lambda *words: processes.keisei(*words, prefix=tuple(hosts[0].command([])), cwd=tmp_path, **variables)


def wait_for_start(machine: subprocess.Popen[str]) -> None:
    assert machine.stdout is not None
    said = []
    while STARTED not in (line := machine.stdout.readline()):
        said.append(line)
        assert line, said


def test_rank_0_of_a_command_on_a_head_without_room_goes_where_the_run_folder_is_to_be_seen_and_nowhere_else(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    (tmp_path / "tiny.toml").write_text(tiny_config(UPDATES, RAY))

    refused = command("run", "tiny.toml", "--run-dir", "runs/1")
    _, said = refused.communicate(timeout=PATIENCE_S)
    assert refused.returncode == 6, said
    assert f"rank 0 would be on {ADDRESSES[1]}, where {tmp_path}/runs/1 is not to be seen" in said
    assert list((tmp_path / "runs").iterdir()) == []

    done = command("run", "tiny.toml", "--run-dir", "seen/1")
    told, said = done.communicate(timeout=PATIENCE_S)
    assert done.returncode == 0, said
    assert told.startswith("score ")
    assert logged_in(tmp_path / "seen" / "1") == list(range(1, UPDATES + 1))
