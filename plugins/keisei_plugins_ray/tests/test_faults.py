"""What goes wrong with real runs on a cluster of two machines; the run that nothing happens to is the control."""

import os
import re
import signal

import pytest

from keisei_core.testing.processes import parent_of
from keisei_core.testing.tiny_run import PATIENCE_S, logged_in, updates_in, wait_until, weights_of
from keisei_core.testing.world import is_alive

pytestmark = pytest.mark.distributed
SEVERAL = 60
PLAIN = ("--set", 'distribution={name="ddp", processes=2}')


@pytest.fixture(scope="module")
def whole():
    """Keeps the weights of the run that `ddp` makes."""
    return {}


@pytest.fixture
def unbroken(whole, keisei, config, tmp_path):
    """Returns the weights at the end of the run that `ddp` makes of the same config."""
    if not whole:
        done = keisei("run", config(SEVERAL), "--run-dir", "plain", *PLAIN)
        _, said = done.communicate(timeout=PATIENCE_S)
        assert done.returncode == 0, said
        whole["weights"] = weights_of(tmp_path / "plain")
    return whole["weights"]


def test_run_on_two_machines_has_the_weights_of_ddp_and_prints_as_it_does(unbroken, keisei, config, cluster, tmp_path):
    process = keisei("run", config(SEVERAL), "--run-dir", "r", at=cluster)

    told, said = process.communicate(timeout=PATIENCE_S)

    assert process.returncode == 0, said
    assert re.fullmatch(r"score .*\nreport: .*\n", told)
    assert "(2 processes, each with 4 games and 16 plies of a minibatch, gradients by gloo)" in said
    assert said.count("planes  ") == 1
    assert "ray::" not in said
    assert weights_of(tmp_path / "r") == unbroken


def test_run_that_loses_an_actor_and_then_a_machine_comes_to_the_same_weights(
    unbroken, running, workers, free_machine, tmp_path
):
    run = tmp_path / "r"
    process = running(*RESTARTS, updates=SEVERAL)
    first = workers()
    os.kill(parent_of(first[1]), signal.SIGKILL)
    second = started_again(workers, first, process)
    before = updates_in(run)
    wait_until(lambda: updates_in(run) > before or process.poll() is not None)

    assert free_machine.ask("kill") == 1
    wait_until(lambda: not any(map(is_alive, second.values())))
    assert process.poll() is None, process.communicate()
    assert free_machine.ask("add") == 2

    third = started_again(workers, second, process)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, said
    assert "rank 1 of 2 is gone with its actor or its machine; starting again (1 of 2)" in said
    assert "starting again (2 of 2) from the last checkpoint" in said
    assert said.count("resuming r from update-") == 2
    assert logged_in(run) == list(range(1, SEVERAL + 1))
    assert weights_of(run) == unbroken
    assert not [pid for pid in (*first.values(), *third.values()) if is_alive(pid)]


RESTARTS = ("--set", "distribution.max_restarts=2", "--set", "distribution.place_timeout_s=600")


def started_again(workers, before, process):
    """Waits for other workers and returns them."""
    wait_until(lambda: is_other(workers(), before) or process.poll() is not None)
    assert process.poll() is None, process.communicate()
    return workers()


def is_other(found, before):
    return sorted(found) == [0, 1] and not set(found.values()) & set(before.values())


def test_stopped_run_saves_and_is_gone(running, workers, tmp_path, end):
    process = running("--set", "checkpoint.every_updates=1000")
    found = workers()
    process.send_signal(signal.SIGUSR1)
    wait_until(lambda: len(list((tmp_path / "r" / "checkpoints").glob("update-??????"))) > 1)
    assert process.poll() is None

    code, said = end(process, signal.SIGTERM)

    assert code == 75, said
    assert "go on with: keisei resume r" in said
    assert not [pid for pid in found.values() if is_alive(pid)]


def test_cluster_whose_head_is_gone_ends_the_command_and_its_workers(light, doomed_cluster, workers):
    """Comes last, since the cluster ends with it."""
    process = light(at=doomed_cluster)
    found = workers()

    doomed_cluster.ask("behead")

    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 6, said
    wait_until(lambda: not any(map(is_alive, found.values())))
