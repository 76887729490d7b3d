"""A run without a cluster, which starts one of this machine alone: who can reach it, and what is left of it."""

import os
import signal
import socket
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from keisei_core.testing.processes import descendants
from keisei_core.testing.tiny_run import updates_in, wait_until
from keisei_core.testing.world import is_alive


def listening(pids):
    """Returns the addresses that processes listen at, as the kernel writes them."""
    inodes = set()
    for pid in pids:
        with suppress(OSError):  # which of its files are open changes meanwhile
            for link in list(Path(f"/proc/{pid}/fd").iterdir()):
                with suppress(OSError):
                    target = os.readlink(link)
                    inodes |= {target[8:-1]} if target.startswith("socket:[") else set()
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return [row[1].partition(":")[0] for row in rows if row[9] in inodes and row[3] == "0A"]


LOOPBACK = ("0100007F", "0000000000000000FFFF00000100007F", "00000000000000000000000001000000")


def beyond_loopback(addresses):
    return [address for address in addresses if address not in LOOPBACK]


@pytest.mark.parametrize(("address", "is_beyond"), [("", True), ("127.0.0.1", False)])
def test_socket_beyond_loopback_is_seen(address, is_beyond):
    before = Counter(listening([os.getpid()]))

    with socket.create_server((address, 0)):
        found = list((Counter(listening([os.getpid()])) - before).elements())

    assert found
    assert bool(beyond_loopback(found)) == is_beyond


@pytest.mark.distributed
def test_run_without_a_cluster_listens_at_loopback_alone_and_leaves_nothing_when_it_is_killed(
    cluster, keisei, config, tmp_path, workers
):
    # The cluster of the other tests is on this machine too: it has no room for two processes on one of its machines.
    together = ("--set", "distribution.strategy=STRICT_PACK")
    process = keisei("run", config(1_000_000), "--run-dir", "r", *together, HOME=str(tmp_path))
    wait_until(lambda: updates_in(tmp_path / "r") >= 1 or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    started = descendants(process.pid)
    addresses = listening(started)

    assert set(workers().values()) < started
    assert {niceness(pid) for pid in workers().values()} == {os.nice(0)}
    assert all(map(is_deaf_to_hangups, without_compilers(started - {process.pid})))
    assert len(addresses) > 5
    assert beyond_loopback(addresses) == []
    assert not (tmp_path / ".ray").exists()
    process.kill()
    wait_until(lambda: not any(map(is_alive, started - {process.pid})))


def without_compilers(pids):
    """Leaves out what compiles kernels beside a run: it may end with the terminal."""
    return {pid for pid in pids if b"keisei_core.warm" not in Path(f"/proc/{pid}/cmdline").read_bytes()}


def niceness(pid):
    return os.getpriority(os.PRIO_PROCESS, pid)


def is_deaf_to_hangups(pid):
    """Tells whether a process blocks or ignores SIGHUP; one that is gone does."""
    try:
        lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    except OSError:
        return True
    return bool((int(lines["SigBlk"], 16) | int(lines["SigIgn"], 16)) >> (signal.SIGHUP - 1) & 1)
