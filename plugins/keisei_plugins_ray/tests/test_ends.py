"""How workers end on a cluster of two machines, and what follows: light ones, since many are started."""

import json
import os
import signal
from pathlib import Path

import pytest

from keisei_core.testing.processes import parent_of
from keisei_core.testing.tiny_run import PATIENCE_S, wait_until
from keisei_core.testing.world import is_alive

pytestmark = pytest.mark.distributed
PARTS = Path(__file__).parent / "parts"


def left_of(workers):
    return [pid for pid in workers.values() if is_alive(pid)]


def said_by(process):
    return process.communicate(timeout=PATIENCE_S)[1]


def test_worker_killed_again_and_again_ends_all_when_the_restarts_are_used_up(light, cluster, workers, tmp_path):
    process = light(max_restarts=1, at=cluster)
    first = workers()
    assert sorted(first) == [0, 1]
    os.kill(first[1], signal.SIGKILL)
    wait_until(lambda: len(list(tmp_path.glob("ready-1-*"))) == 2)
    second = workers()
    assert not left_of(first)

    os.kill(second[0], signal.SIGKILL)

    said = said_by(process)
    assert process.returncode == 6
    assert said.count("starting again") == 1
    assert "rank 1 of 2 was killed by SIGKILL; starting again (1 of 1) from the last checkpoint" in said
    assert "rank 0 of 2 was killed by SIGKILL and the others were ended" in said
    assert not left_of(second)


def test_machine_that_is_gone_for_good_is_told_with_what_is_asked_for_and_what_is_free(light, free_machine):
    process = light(max_restarts=1, place_timeout_s=20, at=free_machine)

    assert free_machine.ask("kill") == 1

    said = said_by(process)
    assert process.returncode == 6
    assert "starting again (1 of 1)" in said
    asked = "no room for 2 processes with 1 CPU each (STRICT_SPREAD) within 20 s: it has 1 machine of 1 CPU, free 1 CPU"
    assert asked in said


def test_cluster_without_room_is_told_with_demand_and_what_is_free(processes, cluster, tmp_path):
    options = {"processes": 3, "strategy": "STRICT_SPREAD", "place_timeout_s": 2}
    process = processes.start("-m", "light", "wait", tmp_path, json.dumps(options), **at(cluster))

    said = said_by(process)

    assert process.returncode == 6, said
    has = (
        "it has 1 machine of 1 CPU; 1 machine of 1 CPU, 1 GPU, free 2 CPU, 1 GPU; ask for less (distribution.processes"
    )
    assert f"the cluster has no room for 3 processes with 1 CPU each (STRICT_SPREAD) within 2 s: {has}" in said


def test_signal_while_it_waits_for_room_ends_the_command(processes, cluster, tmp_path):
    options = {"processes": 3, "strategy": "STRICT_SPREAD", "place_timeout_s": 600}
    process = processes.start("-m", "light", "wait", tmp_path, json.dumps(options), **at(cluster))
    wait_until(lambda: is_handled(process.pid, signal.SIGUSR1))

    process.send_signal(signal.SIGTERM)

    said = said_by(process)
    assert process.returncode == 143, said


def at(cluster):
    return {"PYTHONPATH": PARTS, **cluster.variables}


def is_handled(pid, number):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught >> (number - 1) & 1)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_signal_of_a_terminal_asks_the_workers_to_stop(hangups, light, cluster, workers, end, number):
    process = light(at=cluster)
    found = workers()

    code, said = end(process, number)

    assert code == 75, said
    assert not left_of(found)


def test_second_signal_ends_all_at_once_even_a_frozen_rank(light, cluster, workers, end):
    process = light(at=cluster)
    found = workers()
    os.kill(found[1], signal.SIGSTOP)

    code, said = end(process, signal.SIGTERM, signal.SIGTERM)

    assert code == 143, said
    assert not left_of(found)


def test_killed_command_leaves_nothing_behind(light, cluster, workers):
    process = light(at=cluster)
    found = workers()
    left = [*found.values(), *map(parent_of, found.values())]
    assert all(map(is_alive, left))

    process.kill()

    wait_until(lambda: not any(map(is_alive, left)))


def test_rank_0_goes_to_another_machine_where_the_commands_own_can_not_take_it(light, cluster, workers, tmp_path, end):
    here = light(1, at=cluster)
    own = node_of(workers()[0])
    assert end(here, signal.SIGTERM)[0] == 75
    (tmp_path / "ready-0-0").unlink()

    there = light(1, device="cuda", at=cluster)

    assert node_of(workers()[0]) != own
    assert end(there, signal.SIGTERM)[0] == 75


def node_of(pid):
    """Returns what tells the machine of a worker from others: the raylet that its actor is a child of."""
    return parent_of(parent_of(pid))


def test_errors_that_would_come_again_are_not_tried_again(processes, cluster, tmp_path):
    options = {"processes": 1, "max_restarts": 1, "place_timeout_s": 600}
    codes = (2, 7, 6)

    process = processes.start("-m", "light", "fail", tmp_path, json.dumps(options), *codes, **at(cluster))

    told, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    # The last is the control: one that lost another is started again as often as is allowed.
    assert told.splitlines() == ["2 2 1", "7 7 1", "6 6 2"]
