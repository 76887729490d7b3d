"""Two hosts: network namespaces of their own, joined by a cable that can be pulled."""

import json
import os
import random
import subprocess
import time
from functools import partial
from pathlib import Path

import pytest

from keisei_core.testing.tiny_run import logged_in, saved_in, updates_in, wait_until, weights_of

ADDRESSES = ("10.77.0.1", "10.77.0.2")
PORT = 29_777


def ip(*words: object) -> None:
    subprocess.run(["ip", *map(str, words)], check=True, capture_output=True, timeout=20)


@pytest.fixture
def hosts():
    """Names of two namespaces that reach each other as 10.77.0.1 and 10.77.0.2, over interfaces of the same names."""
    names = [f"keisei{os.getpid()}{end}" for end in "ab"]
    made = []
    try:
        try:
            for name in names:
                ip("netns", "add", name)
                made.append(name)
            ends = [f"v{name[6:]}" for name in names]
            ip("link", "add", ends[0], "netns", names[0], "type", "veth", "peer", ends[1], "netns", names[1])
            for name, end, address in zip(names, ends, ADDRESSES, strict=True):
                ip("-n", name, "addr", "add", f"{address}/24", "dev", end)
                ip("-n", name, "link", "set", end, "up")
                ip("-n", name, "link", "set", "lo", "up")
        except (OSError, subprocess.SubprocessError) as error:
            cause = getattr(error, "stderr", b"") or b""
            pytest.skip(f"network namespaces can't be made here: {cause.decode().strip() or error}")
        yield list(zip(names, ends, strict=True))
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=20)


def torchrun(group, host: str, rank: int, cwd: Path, *words: object):
    """Starts one process on one of two hosts, as docs/distributed.md says."""
    where = ("--nnodes", 2, "--nproc-per-node", 1, "--node-rank", rank)
    meeting = ("--master-addr", ADDRESSES[0], "--master-port", PORT)
    command = ("-m", "torch.distributed.run", *where, *meeting, "-m", "keisei_core", *words)
    return group.start(*command, prefix=("ip", "netns", "exec", host), cwd=cwd)


@pytest.mark.distributed
def test_two_hosts_train_one_network_until_the_cable_is_pulled(hosts, group, config, tmp_path):
    words = ("run", config(1_000_000), "--run-dir", "r", "--set", "distribution.timeout_s=8")
    nodes = [torchrun(group, name, rank, tmp_path, *words) for rank, (name, _) in enumerate(hosts)]
    wait_until(lambda: updates_in(tmp_path / "r") >= 4 or any(node.poll() is not None for node in nodes))

    name, end = hosts[1]
    ip("-n", name, "link", "set", end, "down")
    pulled = time.monotonic()
    ended = {}
    while len(ended) < 2 and time.monotonic() - pulled < 60:
        for rank, node in enumerate(nodes):
            if rank not in ended and node.poll() is not None:
                ended[rank] = time.monotonic() - pulled
        time.sleep(0.05)

    told = [node.communicate(timeout=5)[1] for node in nodes]
    for rank in (0, 1):
        # torchrun makes 1 of every exit code of its workers, and tells theirs.
        assert "exitcode  : 6" in told[rank], told[rank]
        assert f"rank {1 - rank} (process " in told[rank]
        assert "gave no sign of life for 8 s" in told[rank]
        assert ended[rank] < 16, ended


@pytest.mark.distributed
def test_two_hosts_without_agents_have_equal_parameters_and_both_exit_6_when_the_cable_is_pulled(hosts, group):
    part = Path(__file__).parent / "parts" / "two_hosts.py"
    nodes = []
    for rank, (name, _) in enumerate(hosts):
        where = ("ip", "netns", "exec", name)
        nodes.append(group.member(rank, 2, ADDRESSES[0], PORT, part, prefix=where))
    ready = [json.loads(node.stdout.readline()) for node in nodes]
    assert ready[0]["interface"] == hosts[0][1]
    assert ready[1]["interface"] == hosts[1][1]
    assert ready[0]["digests"] == ready[1]["digests"]
    assert len(set(ready[0]["digests"])) == 20

    name, end = hosts[1]
    ip("-n", name, "link", "set", end, "down")
    pulled = time.monotonic()
    codes = [node.wait(timeout=40) for node in nodes]

    assert time.monotonic() - pulled < 8 + 4
    assert codes == [6, 6]


KILLS = int(os.environ.get("KEISEI_KILLS", "2"))
"""How often a rank is killed; 20 take a quarter of an hour."""
PATIENCE_S = 1_800
"""Ranks that did not end by then hang: who compiles kernels hears of another's death when that is done."""
EVERY_UPDATE = ("--set", "checkpoint.every_updates=1")


def start_again(group, hosts, config, folders, *, kept):
    """Starts a rank on each host as a scheduler does, every time with the same line; rank 0 alone sees its folder."""
    words = ("-m", "keisei_core", "run", config, "--run-dir", kept, "--or-resume", *EVERY_UPDATE)
    return [
        group.member(rank, 2, ADDRESSES[0], PORT, *words, prefix=("ip", "netns", "exec", name), cwd=folders[rank])
        for rank, (name, _) in enumerate(hosts)
    ]


@pytest.mark.distributed
def test_line_that_is_started_again_after_kills_makes_the_run_of_one_start(hosts, group, config, tmp_path):
    chance, path, num_updates = random.Random(19), config(4 * KILLS + 4), 4 * KILLS + 4
    folders = [tmp_path / "first", tmp_path / "second"]
    for folder in folders:
        folder.mkdir()
    run = folders[0] / "r"

    for _ in range(KILLS):
        wanted, killed = updates_in(run) + chance.randint(1, 3), chance.randrange(2)
        nodes = start_again(group, hosts, path, folders, kept="r")
        wait_until(partial(has_come_to, wanted, run, nodes), PATIENCE_S)
        nodes[killed].kill()
        said = [node.communicate(timeout=PATIENCE_S)[1] for node in nodes]
        assert nodes[1 - killed].returncode == 6, said
        assert saved_in(run) >= updates_in(run) - 1
    nodes = start_again(group, hosts, path, folders, kept="r")
    said = [node.communicate(timeout=PATIENCE_S)[1] for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], said

    again = start_again(group, hosts, path, folders, kept="r")
    unbroken = [node.communicate(timeout=PATIENCE_S)[1] for node in again]
    assert [node.returncode for node in again] == [0, 0]
    assert "r is complete" in unbroken[0]
    whole = start_again(group, hosts, path, folders, kept="whole")
    assert [node.wait(timeout=PATIENCE_S) for node in whole] == [0, 0]
    assert weights_of(run) == weights_of(folders[0] / "whole")
    assert logged_in(run) == list(range(1, num_updates + 1))
    assert list(folders[1].iterdir()) == []


def has_come_to(update, run, nodes):
    return updates_in(run) >= update or any(node.poll() is not None for node in nodes)
