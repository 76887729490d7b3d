"""What goes wrong with real processes: each fault ends the run soon, says who and where, and leaves nothing behind."""

import json
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from keisei_core.testing.processes import workers_of
from keisei_core.testing.tiny_run import updates_in, wait_until
from keisei_core.testing.world import is_alive

FOREVER = 1_000_000


def start(group, config, tmp_path, *words, more=""):
    """Starts a long run and returns it once it has made some updates."""
    process = group.keisei("run", config(FOREVER, more), "--run-dir", "r", *words, cwd=tmp_path)
    wait_until(lambda: updates_in(tmp_path / "r") >= 3 or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return process


def ports_of(pids):
    """Returns the ports that processes listen at."""
    inodes = set()
    for pid in pids:
        for link in Path(f"/proc/{pid}/fd").iterdir():
            target = os.readlink(link)
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[9] in inodes and row[3] == "0A"}


def listening():
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A"}


@pytest.mark.distributed
@pytest.mark.parametrize("rank", [0, 1])
def test_killed_rank_ends_the_run_within_10_s_and_is_named(rank, group, config, tmp_path):
    process = start(group, config, tmp_path)
    workers = workers_of(process.pid)
    ports = ports_of([process.pid, *workers.values()])
    assert len(workers) == 2
    assert ports

    os.kill(workers[rank], signal.SIGKILL)

    _, said = process.communicate(timeout=10)
    assert process.returncode == 6
    assert f"rank {rank} of 2 was killed by SIGKILL" in said
    assert not [pid for pid in workers.values() if is_alive(pid)]
    assert not ports & listening()


@pytest.mark.distributed
def test_frozen_rank_ends_the_others_after_the_timeout_and_is_named(group, config, tmp_path):
    process = start(group, config, tmp_path, "--set", "distribution.timeout_s=8")
    workers = workers_of(process.pid)
    other, frozen = workers[0], workers[1]

    os.kill(frozen, signal.SIGSTOP)
    stopped = time.monotonic()
    wait_until(lambda: not is_alive(other))
    waited = time.monotonic() - stopped

    _, said = process.communicate(timeout=30)
    assert 7 <= waited <= 13
    assert process.returncode == 6
    assert f"rank 1 (process {frozen} on {socket.gethostname()}) gave no sign of life for 8 s" in said
    assert not [pid for pid in workers.values() if is_alive(pid)]


@pytest.mark.distributed
def test_killed_rank_is_started_again_from_the_last_checkpoint_to_the_same_last_update(group, config, tmp_path):
    more = "\n[tracking]\nsample_games = 2\n"
    process = group.keisei(
        "run", config(30, more), "--run-dir", "r", "--set", "distribution.max_restarts=1", cwd=tmp_path
    )
    wait_until(lambda: updates_in(tmp_path / "r") >= 5 or process.poll() is not None)
    assert process.poll() is None, process.communicate()

    os.kill(workers_of(process.pid)[1], signal.SIGKILL)

    told, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "rank 1 of 2 was killed by SIGKILL; starting again (1 of 1) from the last checkpoint" in said
    assert "resuming r from update-" in said
    assert told.startswith("score ")
    lines = [json.loads(line) for line in (tmp_path / "r" / "metrics.jsonl").read_text().splitlines()]
    assert [line["update"] for line in lines] == list(range(1, 31))
    unbroken = group.keisei("run", config(30, more), "--run-dir", "whole", cwd=tmp_path)
    assert unbroken.wait(timeout=120) == 0
    whole = [json.loads(line) for line in (tmp_path / "whole" / "metrics.jsonl").read_text().splitlines()]
    assert [line["policy_loss"] for line in lines] == [line["policy_loss"] for line in whole]


@pytest.mark.distributed
def test_stopped_run_saves_on_all_ranks_and_resume_starts_its_workers_again(group, config, tmp_path):
    seldom = ("--set", "checkpoint.every_updates=1000")
    process = group.keisei("run", config(60), "--run-dir", "r", *seldom, cwd=tmp_path)
    wait_until(lambda: updates_in(tmp_path / "r") >= 3 or process.poll() is not None)
    workers = workers_of(process.pid)
    process.send_signal(signal.SIGUSR1)
    wait_until(lambda: len(list((tmp_path / "r" / "checkpoints").glob("update-??????"))) > 1)
    assert process.poll() is None

    process.send_signal(signal.SIGTERM)

    _, said = process.communicate(timeout=30)
    assert process.returncode == 75, said
    assert "go on with: keisei resume r" in said
    assert not [pid for pid in workers.values() if is_alive(pid)]
    assert updates_in(tmp_path / "r") < 60
    resumed = group.keisei("resume", "r", cwd=tmp_path)
    _, said = resumed.communicate(timeout=120)
    assert resumed.returncode == 0, said
    lines = (tmp_path / "r" / "metrics.jsonl").read_text().splitlines()
    assert [json.loads(line)["update"] for line in lines] == list(range(1, 61))


@pytest.mark.distributed
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_second_signal_ends_all_at_once_even_a_frozen_rank(number, code, group, config, tmp_path):
    process = start(group, config, tmp_path)
    workers = workers_of(process.pid)
    os.kill(workers[1], signal.SIGSTOP)
    process.send_signal(number)
    time.sleep(1)
    assert process.poll() is None

    process.send_signal(number)

    _, said = process.communicate(timeout=15)
    assert process.returncode == code, said
    assert not [pid for pid in workers.values() if is_alive(pid)]


@pytest.mark.distributed
def test_workers_whose_launcher_is_killed_end_by_themselves(group, config, tmp_path):
    process = start(group, config, tmp_path)
    workers = workers_of(process.pid)
    command = Path(f"/proc/{workers[0]}/cmdline").read_text().split("\0")
    folder = Path(command[command.index("keisei_core.launching") + 1])
    assert folder.is_dir()

    process.kill()

    wait_until(lambda: not [pid for pid in workers.values() if is_alive(pid)], 10)
    assert not folder.exists()


BROKEN = """
import os
from keisei_plugins_ddp.backend import DDP

def sum(self, values, count=[0]):
    count[0] += 1
    if self.rank == 1 and count[0] > 20:
        raise ValueError("boom on one rank")
    return old(self, values)

old, DDP.sum = DDP.sum, sum
"""


@pytest.mark.distributed
def test_exception_on_one_rank_shows_its_traceback_once(group, config, tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(LAZY.format(source=BROKEN))
    process = group.keisei("run", config(FOREVER), "--run-dir", "r", cwd=tmp_path, PYTHONPATH=tmp_path / "site")

    _, said = process.communicate(timeout=120)

    assert said.count("boom on one rank") == 2, said  # in the traceback, and in the last line
    assert "traceback of rank 1" in said
    assert 'raise ValueError("boom on one rank")' in said or "in sum" in said
    assert "keisei: error: rank 1 of 2 failed: ValueError: boom on one rank" in said
    assert process.returncode == 1


LAZY = '''
"""Runs some code right after the backend was imported."""
import importlib.abc
import importlib.machinery
import sys

NAME = "keisei_plugins_ddp.backend"


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != NAME:
            return None
        sys.meta_path.remove(self)
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            exec({source!r}, {{}})

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, Finder())
'''


@pytest.mark.distributed
def test_rank_that_lives_but_never_comes_ends_the_other_with_exit_6(group, free_port):
    stuck = (Path(__file__).parent / "parts" / "stuck.py", "exchange", 4, 5)
    first, second = (group.member(rank, 2, "127.0.0.1", free_port, *stuck) for rank in (0, 1))

    _, said = first.communicate(timeout=60)

    assert first.returncode == 6, said
    assert "lost rank 1" in said
    assert "Timed out" in said
    _, said = second.communicate(timeout=10)
    assert second.returncode == 6, said


@pytest.mark.distributed
def test_games_that_can_not_be_shared_are_told_once(group, config, tmp_path):
    process = group.keisei("run", config(4), "--set", "selfplay.games=7", "--run-dir", "r", cwd=tmp_path)

    _, said = process.communicate(timeout=120)

    assert process.returncode == 2
    wanted = "[selfplay] games: must be a multiple of the 2 processes that share it, got 7; write 6 or 8"
    assert said.count(wanted) == 1
    assert not (tmp_path / "r").exists()
