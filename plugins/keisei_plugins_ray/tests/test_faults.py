"""What goes wrong with real processes on a cluster of two machines; in each the run of before is the control."""

import json
import os
import re
import signal
from itertools import pairwise
from pathlib import Path

import pytest

pytestmark = pytest.mark.distributed
RESTART = ("--set", "distribution.max_restarts=1")
SEVERAL = 30
PARTS = Path(__file__).parent / "parts"


def weights_of(run):
    return max((run / "checkpoints").glob("update-??????")).joinpath("weights.safetensors").read_bytes()


def logged(run):
    return [json.loads(line)["update"] for line in (run / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Weights of a run that nothing happened to, by `ddp`."""
    return {}


def unbroken(whole, keisei, config, tmp_path):
    """Returns the weights at the end of the run that `ddp` makes of the same config."""
    if not whole:
        done = keisei("run", config(SEVERAL), "--run-dir", "plain", *PLAIN)
        _, said = done.communicate(timeout=500)
        assert done.returncode == 0, said
        whole["weights"] = weights_of(tmp_path / "plain")
    return whole["weights"]


PLAIN = ("--set", 'distribution={name="ddp", processes=2}')


def test_run_on_two_machines_has_the_weights_of_ddp_and_prints_as_it_does(whole, keisei, config, cluster, tmp_path):
    process = keisei("run", config(SEVERAL), "--run-dir", "r", at=cluster)

    told, said = process.communicate(timeout=500)

    assert process.returncode == 0, said
    assert re.fullmatch(r"score .*\nreport: .*\n", told)
    assert "(2 processes, each with 4 games and 16 plies of a minibatch, gradients by gloo)" in said
    assert said.count("planes  ") == 1
    assert "ray::" not in said
    assert weights_of(tmp_path / "r") == unbroken(whole, keisei, config, tmp_path)


def test_killed_worker_is_named_and_ends_the_run(running, workers, is_alive):
    process = running()
    found = workers()
    assert sorted(found) == [0, 1]

    os.kill(found[1], signal.SIGKILL)

    _, said = process.communicate(timeout=100)
    assert process.returncode == 6
    assert "rank 1 of 2 was killed by SIGKILL" in said
    assert not [pid for pid in found.values() if is_alive(pid)]


def test_killed_actor_starts_all_again_to_the_same_weights(
    whole, running, workers, actor_of, is_alive, keisei, config, tmp_path, wait_until
):
    process = running(*RESTART, updates=SEVERAL)
    found = workers()

    os.kill(actor_of(found[1]), signal.SIGKILL)

    wait_until(lambda: len(workers()) == 2 and not set(workers().values()) & set(found.values()))
    again = workers()
    assert not [pid for pid in found.values() if is_alive(pid)]
    _, said = process.communicate(timeout=500)
    assert process.returncode == 0, said
    assert re.search(r"rank 1 of 2 is gone with its actor or its machine; starting again \(1 of 1\)", said)
    assert "resuming r from update-" in said
    assert logged(tmp_path / "r") == list(range(1, SEVERAL + 1))
    assert weights_of(tmp_path / "r") == unbroken(whole, keisei, config, tmp_path)
    assert not [pid for pid in again.values() if is_alive(pid)]


def test_worker_killed_again_and_again_ends_the_run_when_its_restarts_are_used_up(running, workers, wait_until):
    process = running(*RESTART)
    first = workers()
    os.kill(first[1], signal.SIGKILL)
    wait_until(lambda: len(workers()) == 2 and not set(workers().values()) & set(first.values()))

    os.kill(workers()[0], signal.SIGKILL)

    _, said = process.communicate(timeout=200)
    assert process.returncode == 6
    assert said.count("starting again") == 1
    assert "rank 0 of 2 was killed by SIGKILL and the others were ended" in said


def test_run_whose_machine_is_gone_waits_for_another_and_goes_on(
    running, workers, free_machine, wait_until, updates_in, tmp_path, end
):
    process = running(*RESTART, "--set", "distribution.place_timeout_s=600")
    found = workers()

    assert free_machine.ask("kill") == 1
    wait_until(lambda: not set(workers().values()) & set(found.values()))
    assert process.poll() is None, process.communicate()
    assert not workers()
    assert free_machine.ask("add") == 2

    wait_until(lambda: len(workers()) == 2 or process.poll() is not None)
    before = updates_in(tmp_path / "r")
    wait_until(lambda: updates_in(tmp_path / "r") > before + 2 or process.poll() is not None)
    code, said = end(process, signal.SIGTERM)
    assert code == 75, said
    assert "starting again (1 of 1)" in said
    updates = logged(tmp_path / "r")
    assert all(later == earlier + 1 for earlier, later in pairwise(updates))


def test_run_whose_machine_is_gone_for_good_says_what_it_asks_for_and_what_is_free(running, free_machine):
    process = running(*RESTART, "--set", "distribution.place_timeout_s=20")

    assert free_machine.ask("kill") == 1

    _, said = process.communicate(timeout=300)
    assert process.returncode == 6
    assert "starting again (1 of 1)" in said
    asked = "no room for 2 processes with 1 CPU each (STRICT_SPREAD) within 20 s: it has 1 machine of 1 CPU, free 1 CPU"
    assert asked in said


def test_cluster_without_room_is_told_with_demand_and_what_is_free(keisei, config, cluster):
    words = ("--set", "distribution.place_timeout_s=4", "--set", "distribution.processes=3")
    process = keisei("check", config(4), *words, at=cluster)

    _, said = process.communicate(timeout=200)

    assert process.returncode == 6, said
    whole = "it has 2 machines of 1 CPU, free 2 CPU; ask for less (distribution.processes, cpus, gpus, strategy)"
    assert f"the cluster has no room for 3 processes with 1 CPU each (STRICT_SPREAD) within 4 s: {whole}" in said


def test_signal_while_it_waits_for_room_ends_the_command(keisei, config, cluster, wait_until):
    words = ("--set", "distribution.place_timeout_s=600", "--set", "distribution.processes=3")
    process = keisei("check", config(4), *words, at=cluster)
    wait_until(lambda: is_handled(process.pid, signal.SIGUSR1))

    process.send_signal(signal.SIGTERM)

    _, said = process.communicate(timeout=200)
    assert process.returncode == 143, said


def is_handled(pid, number):
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(int(line.split()[1], 16) for line in lines if line.startswith("SigCgt"))
    return bool(caught >> (number - 1) & 1)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_stopped_run_saves_and_is_gone(hangups, running, workers, is_alive, wait_until, tmp_path, end, number):
    process = running("--set", "checkpoint.every_updates=1000")
    found = workers()
    process.send_signal(signal.SIGUSR1)
    wait_until(lambda: len(list((tmp_path / "r" / "checkpoints").glob("update-??????"))) > 1)
    assert process.poll() is None

    code, said = end(process, number)

    assert code == 75, said
    assert "go on with: keisei resume r" in said
    assert not [pid for pid in found.values() if is_alive(pid)]


def test_second_signal_ends_all_at_once_even_a_frozen_rank(running, workers, is_alive, end):
    process = running()
    found = workers()
    os.kill(found[1], signal.SIGSTOP)

    code, said = end(process, signal.SIGTERM, signal.SIGTERM)

    assert code == 143, said
    assert not [pid for pid in found.values() if is_alive(pid)]


def test_killed_command_leaves_nothing_behind(running, workers, actor_of, is_alive, wait_until):
    process = running()
    found = workers()
    left = [*found.values(), *map(actor_of, found.values())]
    assert all(map(is_alive, left))

    process.kill()

    wait_until(lambda: not any(map(is_alive, left)), 60)


def test_cluster_whose_head_is_gone_ends_the_command_and_its_workers(
    running, doomed_cluster, workers, is_alive, wait_until
):
    process = running(at=doomed_cluster)
    found = workers()

    doomed_cluster.ask("behead")

    _, said = process.communicate(timeout=400)
    assert process.returncode == 6, said
    wait_until(lambda: not any(map(is_alive, found.values())))


def test_errors_that_would_come_again_are_not_tried_again(keisei, cluster, tmp_path):
    codes = (2, 3, 4, 5, 7, 6)

    process = keisei(*codes, tmp_path, at=cluster, module="codes", PYTHONPATH=str(PARTS))

    told, said = process.communicate(timeout=500)
    assert process.returncode == 0, said
    starts = {int(line.split()[0]): (int(line.split()[1]), int(line.split()[2])) for line in told.splitlines()}
    # The last is the control: one that lost another is started again as often as is allowed.
    assert starts == {**{code: (code, 1) for code in codes if code != 6}, 6: (6, 3)}
