"""Several trackers at once; one that is broken, hangs or meddles never stops a run."""

import json
import math
import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from keisei_core.errors import PluginError
from keisei_core.plugins import Owner
from keisei_core.run.tracking import MOST_WAITING, JsonlTracker, Trackers
from keisei_core.run.watchers import patience_of


class Recording:
    def __init__(self):
        self.calls = []

    def start(self, last_update):
        self.calls.append(("start", last_update))

    def log(self, update, metrics):
        self.calls.append(("log", update, dict(metrics)))

    def close(self):
        self.calls.append(("close",))


class Failing(Recording):
    def log(self, update, metrics):
        super().log(update, metrics)
        raise OSError("no network")


class Leaving(Recording):
    def start(self, last_update):
        raise SystemExit(3)


def choice(name, tracker):
    """A stand-in for a chosen component."""
    return SimpleNamespace(name=name, owner=Owner("keisei-plugins-x", "1.0", "https://x"), build=lambda _: tracker)


class Interrupting(Recording):
    def close(self):
        raise KeyboardInterrupt


class Hanging(Recording):
    patience_s = 0.3

    def log(self, update, metrics):
        super().log(update, metrics)
        threading.Event().wait()


class HangingToTheEnd(Recording):
    patience_s = 0.3

    def close(self):
        while True:
            time.sleep(0.01)


class Clearing(Recording):
    def log(self, update, metrics):
        super().log(update, metrics)
        metrics.clear()


class Moving(Recording):
    def log(self, update, metrics):
        super().log(update, metrics)
        os.chdir("/")


class Slow(Recording):
    def log(self, update, metrics):
        time.sleep(0.02)
        super().log(update, metrics)


@pytest.mark.parametrize(
    ("bad", "calls", "cause"),
    [
        (Failing, ["start", "log"], "OSError: no network"),
        (Leaving, [], "SystemExit: 3"),
        (Interrupting, ["start", "log", "log"], "KeyboardInterrupt"),
        (Hanging, ["start", "log"], "TimeoutError: took more than 0.3 s"),
        (HangingToTheEnd, ["start", "log", "log"], "TimeoutError: took more than 0.3 s"),
    ],
)
def test_tracker_that_fails_is_told_of_once_and_the_others_go_on(tmp_path, bad, calls, cause):
    good, bad, warnings = Recording(), bad(), []
    trackers = Trackers([choice("bad", bad), choice("good", good)], tmp_path, warnings.append)

    trackers.start(5)
    trackers.log(6, {"kl": 0.5})
    trackers.log(7, {"kl": 0.5})
    trackers.close()

    assert [call[0] for call in good.calls] == ["start", "log", "log", "close"]
    assert [call[0] for call in bad.calls] == calls
    assert warnings == [
        f"warning: tracker bad of keisei-plugins-x 1.0 failed and takes no further part ({cause}); "
        "report it at https://x"
    ]


@pytest.mark.parametrize("given", [math.nan, 0, -1.0, "long", None])
def test_time_that_is_none_says_nothing(given):
    assert patience_of(SimpleNamespace(patience_s=given), 30.0) == 30.0


def test_tracker_that_can_not_be_built_is_told_of_and_the_others_go_on(tmp_path):
    def build(_):
        raise PluginError("tracker 'bad' can't be used: no network")

    good, warnings = Recording(), []
    bad = SimpleNamespace(name="bad", owner=Owner("keisei-plugins-x", "1.0"), build=build)

    trackers = Trackers([bad, choice("good", good)], tmp_path, warnings.append)
    trackers.log(1, {})
    trackers.settle()

    assert len(warnings) == 1
    assert "no network" in warnings[0]
    assert [call[0] for call in good.calls] == ["log"]


def test_tracker_that_hangs_while_it_is_built_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("keisei_core.run.tracking.PATIENCE_S", 0.3)
    good, warnings = Recording(), []
    bad = SimpleNamespace(name="bad", owner=Owner("keisei-plugins-x", "1.0"), build=lambda _: threading.Event().wait())
    trackers = Trackers([bad, choice("good", good)], tmp_path, warnings.append)

    trackers.start(0)

    assert len(warnings) == 1
    assert "tracker bad of keisei-plugins-x 1.0 failed and takes no further part (TimeoutError" in warnings[0]
    assert good.calls == [("start", 0)]


def test_each_tracker_gets_figures_of_its_own(tmp_path):
    first, second, metrics = Clearing(), Clearing(), {"kl": 0.5}
    trackers = Trackers([choice("a", first), choice("b", second)], tmp_path, print)

    trackers.log(1, metrics)
    metrics["kl"] = 0.0  # the run goes on with its own
    trackers.close()

    assert first.calls == second.calls == [("log", 1, {"kl": 0.5}), ("close",)]
    assert metrics == {"kl": 0.0}


def test_tracker_that_goes_elsewhere_is_told_of_once_and_the_run_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    warnings = []
    trackers = Trackers([choice("bad", Moving())], tmp_path, warnings.append)

    for update in (1, 2, 3):
        trackers.log(update, {})
        trackers.settle()

    assert os.getcwd() == str(tmp_path)
    assert warnings == ["warning: tracker bad of keisei-plugins-x 1.0 changed the working folder; put back"]


def test_what_was_logged_is_done_in_order_once_it_is_settled(tmp_path):
    slow = Slow()
    trackers = Trackers([choice("slow", slow)], tmp_path, pytest.fail)

    for update in range(1, 101):  # more than may wait
        trackers.log(update, {})
        assert len(slow.calls) >= update - MOST_WAITING
    trackers.settle()

    assert [call[1] for call in slow.calls] == list(range(1, 101))


def test_stop_does_not_wait_for_a_tracker_that_hangs(tmp_path, monkeypatch):
    monkeypatch.setattr("keisei_core.run.own_thread.GRACE_S", 0.3)
    bad, warnings = Hanging(), []
    bad.patience_s = 1e6
    trackers = Trackers([choice("bad", bad)], tmp_path, warnings.append, lambda: True)

    trackers.log(1, {})
    trackers.settle()

    assert len(warnings) == 1
    assert "TimeoutError: was not done 0.3 s after the stop" in warnings[0]


HUNG = """
import threading, types
from pathlib import Path
from keisei_core.plugins import Owner
from keisei_core.run.tracking import Trackers

class Bad:
    patience_s = 0.3
    def log(self, update, metrics):
        threading.Thread(target=threading.Event().wait).start()
        threading.Event().wait()

bad = types.SimpleNamespace(name="bad", owner=Owner("x", "1"), build=lambda _: Bad())
trackers = Trackers([bad], Path(), print)
trackers.log(1, {})
trackers.settle()
"""


def test_process_ends_while_a_tracker_and_its_threads_hang():
    done = subprocess.run([sys.executable, "-c", HUNG], capture_output=True, text=True, timeout=60, check=True)

    assert "takes no further part" in done.stdout


def test_rows_of_the_bundled_tracker_are_on_disk_once_it_is_settled(tmp_path):
    bundled = SimpleNamespace(name="jsonl", owner=Owner("keisei", "1"), build=JsonlTracker)
    trackers = Trackers([choice("slow", Slow()), bundled], tmp_path, pytest.fail)
    trackers.start(0)

    for update in range(1, 20):
        trackers.log(update, {"kl": 0.5})
        if update % 5 == 0:
            trackers.settle()
            lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
            assert [json.loads(line)["update"] for line in lines] == list(range(1, update + 1))
