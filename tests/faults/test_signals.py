"""Signals: the first SIGINT or SIGTERM saves and ends, the second ends at once, SIGUSR1 saves and goes on."""

import signal
import time

import pytest

from keisei_core.checkpoint import CheckpointStore

LONG_ROLLOUT = "selfplay.rollout_plies=4096"
DEAF = "from keisei_core.run.stop import StopRequest\nStopRequest.__enter__ = lambda self: self\n"
"""Makes a process that leaves signals to the system."""
IN_A_CALL_THAT_NEVER_RETURNS = """
import threading
from keisei_core.run.training import Training

def update(self, stop):
    print("frozen", flush=True)
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

Training.update = update
"""


def newest_good(run) -> int:
    return (
        CheckpointStore(run / "checkpoints", keep=1)
        .newest(lambda problem: pytest.fail(problem))[1]
        .state["counters"]["update"]
    )


def test_sigterm_saves_and_ends_with_75_and_the_run_stays_the_same(place, found):
    shape = {"updates": 40, "save_every": 1000, "match_every": 4}
    process = place.begin(after=3, **shape)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == 75, place.said(process)

    stopped_at = place.num_updates()
    assert stopped_at < 40
    assert place.newest() == stopped_at
    assert f"stopped at update {stopped_at}, saved; go on with: keisei resume r" in place.said(process)
    assert place.finish("resume", "r")[0] == 0
    place.made("whole", **shape)
    assert place.digests()[40] == place.digests("whole")[40]
    assert [line["update"] for line in place.metrics()] == list(range(1, 41))
    scores = [[line.get("score") for line in place.metrics(name)] for name in ("r", "whole")]
    assert scores[0] == scores[1]
    found(
        f"SIGTERM in update {stopped_at + 1} of 40, then `keisei resume`",
        "exit 75; network, optimiser, games, random streams and scores equal to those of a run never stopped",
    )


def test_sigint_saves_and_ends_with_75(place, only_in_full):
    process = place.begin(after=3, save_every=1000)
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 75, place.said(process)
    assert place.newest() == place.num_updates()


def test_signal_in_the_middle_of_a_long_update_does_not_wait_for_its_end(place, found):
    process = place.start("run", place.config(), "--run-dir", "r", "--set", LONG_ROLLOUT)
    place.wait_for(lambda: (place.folder / "r" / "checkpoints" / "update-000000").exists(), process)
    time.sleep(0.5)

    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == 75
    took = time.monotonic() - asked
    assert took < 10  # the rollout alone takes a minute
    assert place.num_updates() == 0
    assert place.newest() == 0
    found("SIGTERM in a rollout of 32,768 plies", f"exit 75 after {took:.1f} s")


def test_signal_during_a_match_leaves_it_and_resume_plays_it_again(place, found):
    script = "import keisei_core.run.loop as loop\nloop.Loop._evaluate = told(loop.Loop._evaluate)\n"
    told = (
        "def told(evaluate):\n    def told_evaluate(self, games):\n        print('match', flush=True)\n"
        "        return evaluate(self, games)\n    return told_evaluate\n"
    )
    process = place.start(
        "run", place.config(match_every=2, games=2000, save_every=1000), "--run-dir", "r", script=told + script
    )
    place.wait_for(lambda: "match\n" in place.said(process), process)
    time.sleep(0.3)

    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == 75, place.said(process)
    took = time.monotonic() - asked
    # The update whose match was left is made again with its match, so that no score is missing.
    assert (place.newest(), place.num_updates()) == (1, 1)
    found("SIGTERM in a match of 2,000 games", f"exit 75 after {took:.1f} s; the update and its match are made again")


def test_signal_during_the_last_match_ends_with_0_and_resume_plays_it(place, only_in_full):
    process = place.start("run", place.config(updates=2, games=4000), "--run-dir", "r")
    place.wait_for(lambda: "playing the last match" in place.said(process), process)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == 0
    assert "the last match is left to: keisei resume r" in place.said(process)
    assert not (place.folder / "r" / "result.json").exists()
    assert place.newest() == 2


def test_second_signal_ends_at_once_even_in_a_call_that_never_returns(place, found):
    process = place.start("run", place.config(), "--run-dir", "r", script=IN_A_CALL_THAT_NEVER_RETURNS)
    place.wait_for(lambda: "frozen" in place.said(process), process)
    process.send_signal(signal.SIGUSR1)
    process.send_signal(signal.SIGINT)
    place.wait_for(lambda: "asked to stop" in place.said(process), process)

    asked = time.monotonic()
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == -signal.SIGINT
    took = time.monotonic() - asked
    assert took < 2
    assert newest_good(place.folder / "r") == 0
    found("second SIGINT while a call hangs", f"ended after {took:.2f} s by the signal, last checkpoint good")


def test_usr1_saves_and_the_run_goes_on(place, found, only_in_full):
    process = place.begin(after=2, save_every=100_000)
    assert place.newest() == 0
    process.send_signal(signal.SIGUSR1)
    place.wait_for(lambda: place.newest() > 0, process)
    saved = place.newest()
    place.wait_for(lambda: place.num_updates() > saved + 1, process)

    assert newest_good(place.folder / "r") == saved
    found("SIGUSR1", f"update {saved} saved, run went on")


def test_signal_to_a_run_that_is_deaf_to_it_saves_nothing(place, found, only_in_full):
    """The control: what the handlers do."""
    process = place.begin(after=2, save_every=100_000, script=DEAF)
    process.send_signal(signal.SIGTERM)

    assert process.wait(timeout=60) == -signal.SIGTERM
    assert place.newest() == 0
    found("control: SIGTERM to a run without handlers", "ended by the signal, nothing saved")
