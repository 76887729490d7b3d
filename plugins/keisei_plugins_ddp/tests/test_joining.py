"""Coming together, or saying within the join time who is missing where."""

import socket
import time
from pathlib import Path

import pytest

from keisei_core.testing.tiny_run import PATIENCE_S, updates_in, wait_until

JOIN = ("--set", "distribution.join_timeout_s=3")


def check_as(group, config, tmp_path, rank, port, **environment):
    """Starts `keisei check` as one of two processes that a launcher started by hand."""
    words = ("-m", "keisei_core", "check", config(4), *JOIN)
    return group.member(rank, 2, "127.0.0.1", port, *words, cwd=tmp_path, **environment)


def test_peer_that_never_joins_is_named_with_address_and_port(group, config, tmp_path, free_port):
    process = check_as(group, config, tmp_path, 0, free_port)

    _, said = process.communicate(timeout=60)

    assert process.returncode == 6
    assert f"rank 1 of 2 never came to 127.0.0.1:{free_port} within 3 s" in said


@pytest.mark.distributed
def test_first_rank_that_never_comes_is_told_with_address_and_port(group, config, tmp_path, free_port):
    process = check_as(group, config, tmp_path, 1, free_port)

    _, said = process.communicate(timeout=60)

    assert process.returncode == 6
    assert f"rank 1 found no store of the run at 127.0.0.1:{free_port} within 3 s" in said


@pytest.mark.distributed
def test_port_in_use_is_told_with_address_and_port_to_both(group, config, tmp_path, free_port):
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", free_port))
        stranger.listen()
        processes = [check_as(group, config, tmp_path, rank, free_port) for rank in (0, 1)]

        told = [process.communicate(timeout=60)[1] for process in processes]

    assert [process.returncode for process in processes] == [6, 6]
    assert f"rank 0 can't listen at 127.0.0.1:{free_port}: the port is in use" in told[0]
    assert f"rank 1 found no store of the run at 127.0.0.1:{free_port} within 3 s" in told[1]


@pytest.mark.distributed
def test_wrong_interface_is_told_with_its_variable(group, config, tmp_path, free_port):
    process = check_as(group, config, tmp_path, 0, free_port, GLOO_SOCKET_IFNAME="^lo")

    _, said = process.communicate(timeout=60)

    assert process.returncode == 6
    assert "GLOO_SOCKET_IFNAME must name an interface, one of lo" in said
    assert "got '^lo'" in said


@pytest.mark.distributed
def test_torchrun_starts_the_workers_too(group, config, tmp_path):
    words = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", 2, "-m", "keisei_core")
    process = group.start(*words, "run", config(4), "--run-dir", "r", cwd=tmp_path)

    told, said = process.communicate(timeout=120)

    assert process.returncode == 0, said
    assert told.count("score ") == 1
    assert len((tmp_path / "r" / "metrics.jsonl").read_text().splitlines()) == 4
    assert (tmp_path / "r" / "checkpoints" / "update-000004" / "rank-1.json").exists()


@pytest.mark.distributed
def test_killed_rank_without_an_agent_ends_the_other_with_exit_6(group, config, tmp_path, free_port):
    words = ("-m", "keisei_core", "run", config(1_000_000), "--run-dir", "r")
    first, second = (group.member(rank, 2, "127.0.0.1", free_port, *words, cwd=tmp_path) for rank in (0, 1))
    wait_until(lambda: updates_in(tmp_path / "r") >= 2 or first.poll() is not None)

    second.kill()
    killed = time.monotonic()
    _, said = first.communicate(timeout=30)

    assert first.returncode == 6, said
    assert time.monotonic() - killed < 10
    assert f"lost rank 1 (process {second.pid} on {socket.gethostname()})" in said


@pytest.mark.distributed
def test_killed_rank_ends_one_that_waits_for_it_at_once_and_not_after_the_timeout(group, free_port):
    stuck = (Path(__file__).parent / "parts" / "stuck.py", "barrier", 86_400, 600)
    first, second = (group.member(rank, 2, "127.0.0.1", free_port, *stuck) for rank in (0, 1))
    assert [process.stdout.readline() for process in (first, second)] == ["here\n"] * 2

    second.kill()

    _, said = first.communicate(timeout=PATIENCE_S)
    assert first.returncode == 6, said
    assert f"lost rank 1 (process {second.pid} on " in said
