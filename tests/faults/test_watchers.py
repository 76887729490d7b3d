"""Trackers, callbacks and other parts that hang, leave, delete or end the process: the run goes on or says why."""

import json
import signal
import time
from pathlib import Path

import pytest

HEAD = """
import os, shutil, sys, threading, time
from pathlib import Path
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_{hook}():
    return [Component(name="bad", target="bad:Bad", summary="a bad one")]
"""
TRACKER = """
class Bad:
    patience_s = {patience}

    def __init__(self, run_folder):
        self.run_folder = run_folder

    def start(self, last_update):
        pass

    def log(self, update, metrics):
        {log}

    def close(self):
        {close}
"""
HANG = "threading.Event().wait()"
SPIN = "while True: pass"
DELETE = "[(self.run_folder / name).unlink(missing_ok=True) for name in ('config.toml', 'metrics.jsonl')]"
DECIDER = """
from keisei_core.decide import PolicyDecider


class Bad(PolicyDecider):
    calls = 0

    def decide(self, games, evaluator, stream):
        Bad.calls += 1
        if Bad.calls == 20:
            print("acting", flush=True)
            {act}
        return super().decide(games, evaluator, stream)
"""
PLAYER = """
from keisei_core.arena import RandomPlayer


class Bad(RandomPlayer):
    def choose(self, positions, legal):
        print("choosing", flush=True)
        {act}
"""
CALLBACK = """
class Bad:
    def __init__(self, context):
        pass

    def after_update(self, view, metrics):
        if view.counters.update == 3:
            print("looking", flush=True)
            {act}

    def after_checkpoint(self, path):
        pass

    def at_end(self, result):
        pass
"""
IN_LINE = """
from keisei_core.run.own_thread import OwnThread

OwnThread.add = lambda self, call: call()
"""
"""Makes a process whose trackers are called as the run goes."""
BAD_TRACKER = ("--set", "tracking.trackers=['jsonl', 'bad']")


def plugin(place, hook: str, source: str, **filled: object) -> tuple[str, str]:
    """Writes a plugin of one file; returns the words that load it."""
    text = HEAD.replace("{hook}", hook) + source
    for name, value in filled.items():
        text = text.replace(f"{{{name}}}", str(value))
    (place.folder / "bad.py").write_text(text)
    return "--plugin", "bad.py"


def tracker(place, log: str = "pass", close: str = "pass", patience: float = 600) -> tuple[str, str]:
    return plugin(place, "trackers", TRACKER, log=log, close=close, patience=patience)


def result(place, name: str = "r") -> dict[str, object]:
    return json.loads((place.folder / name / "result.json").read_text())


def stopped(place, process) -> float:
    """Asks a process to stop; returns how long it took to end with 75."""
    asked = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 75, place.said(process)
    return time.monotonic() - asked


@pytest.mark.parametrize("hang", [HANG, SPIN], ids=["waiting", "spinning"])
def test_sigterm_ends_a_run_whose_tracker_hangs_and_no_row_is_missing(place, found, request, hang):
    if hang is SPIN:
        request.getfixturevalue("only_in_full")
    words = tracker(place, log=hang)
    process = place.start("run", place.config(), "--run-dir", "r", *words, *BAD_TRACKER)
    place.wait_for(lambda: place.num_updates() >= 1, process)

    took = stopped(place, process)

    assert [line["update"] for line in place.metrics()] == list(range(1, place.newest() + 1))
    assert place.said(process).count("warning: tracker bad of bad.py") == 1
    found(
        f"a tracker that does `{hang}` in log, then SIGTERM", f"exit 75 after {took:.1f} s, every row there; said once"
    )


@pytest.mark.parametrize(("log", "close"), [(HANG, "pass"), ("pass", HANG)], ids=["log", "close"])
def test_run_is_finished_though_a_tracker_hangs(place, found, request, log, close):
    if log is HANG:
        request.getfixturevalue("only_in_full")
    words = tracker(place, log=log, close=close, patience=1)

    code, said = place.finish("run", place.config(updates=4), "--run-dir", "r", *words, *BAD_TRACKER)

    assert code == 0, said
    assert len(place.metrics()) == 4
    assert "score" in result(place)
    assert said.count("tracker bad of bad.py") == 1
    assert "failed and takes no further part (TimeoutError: took more than 1 s)" in said
    found(f"a tracker that hangs in {'log' if log is HANG else 'close'}", "result.json and all rows there, told once")


@pytest.mark.parametrize(
    ("act", "told"),
    [
        ("raise KeyboardInterrupt", "failed and takes no further part (KeyboardInterrupt"),
        ("sys.exit(0)", "failed and takes no further part (SystemExit: 0"),
        ("os.chdir('/')", "changed the working folder; put back"),
        ("metrics.clear()", ""),
    ],
)
def test_run_goes_on_whatever_a_tracker_does(place, found, only_in_full, act, told):
    words = tracker(place, log=act)

    code, said = place.finish("run", place.config(updates=4), "--run-dir", "r", *words, *BAD_TRACKER)

    assert code == 0, said
    assert [set(line) >= {"update", "kl"} for line in place.metrics()] == [True] * 4
    assert "score" in result(place)
    assert told in said
    assert said.count("warning: tracker bad of bad.py") == bool(told)
    found(f"a tracker that does `{act}` at every update", f"run went on to its end{', told once' * bool(told)}")


def test_files_that_a_tracker_deletes_are_told_of_and_the_config_is_put_back(place, found, only_in_full):
    place.made("whole", updates=4)
    words = tracker(place, log=DELETE)

    code, said = place.finish("run", place.config(updates=4), "--run-dir", "r", *words, *BAD_TRACKER)

    assert code == 0, said
    for name in ("config.toml", "metrics.jsonl"):
        assert said.count(f"warning: r/{name} was removed, cut or replaced, and not by this run") == 1
    assert (place.folder / "r" / "config.toml").exists()
    assert place.digests()[4] == place.digests("whole")[4]
    found("a tracker that deletes config.toml and metrics.jsonl", "told once each, the config put back, same network")


@pytest.mark.parametrize(
    ("hook", "source", "words", "sign", "left_at"),
    [
        pytest.param("deciders", DECIDER, ("--set", "decider.name='bad'"), "acting", 2, id="decider"),
        pytest.param("players", PLAYER, ("--set", "evaluation.opponent='bad'"), "choosing", 1, id="opponent"),
        pytest.param("callbacks", CALLBACK, ("--set", "run.callbacks=['bad']"), "looking", 2, id="callback"),
    ],
)
def test_sigterm_ends_a_run_whatever_hangs_in_it(place, found, request, hook, source, words, sign, left_at):
    if hook != "deciders":
        request.getfixturevalue("only_in_full")
    loads = plugin(place, hook, source, act=HANG)
    process = place.start("run", place.config(match_every=2, save_every=1000), "--run-dir", "r", *loads, *words)
    place.wait_for(lambda: f"{sign}\n" in place.said(process), process)
    time.sleep(0.3)

    took = stopped(place, process)

    assert (place.newest(), place.num_updates()) == (left_at, left_at)
    found(f"SIGTERM while {hook[:-1]} code hangs", f"exit 75 after {took:.1f} s; the update is made again")


def test_tracker_called_in_line_holds_up_the_run(place, found, only_in_full):
    """The control: what the threads do."""
    words = tracker(place, log="print('logging', flush=True); " + HANG)
    process = place.start("run", place.config(), "--run-dir", "r", *words, *BAD_TRACKER, script=IN_LINE)
    place.wait_for(lambda: "logging\n" in place.said(process), process)
    process.send_signal(signal.SIGTERM)
    place.wait_for(lambda: "asked to stop" in place.said(process), process)
    time.sleep(15)

    assert process.poll() is None
    found("control: the same tracker called in line, SIGTERM", "15 s later nothing was saved or ended")


@pytest.mark.parametrize("act", ["sys.exit(0)", "raise KeyboardInterrupt"])
@pytest.mark.parametrize("processes", [1, 2])
def test_plugin_that_would_end_the_process_ends_the_run_with_3(place, found, only_in_full, act, processes):
    loads = plugin(place, "deciders", DECIDER, act=act)
    more = ("--set", "distribution={name='ddp', processes=2}") if processes == 2 else ()

    code, said = place.finish(
        "run", place.config(updates=8), "--run-dir", "r", *loads, *more, "--set", "decider.name='bad'"
    )

    assert code == 3, said
    assert "would have ended the command without a word; raised in plugin bad.py" in said
    assert not (place.folder / "r" / "result.json").exists()
    found(f"`{act}` in a decider, {processes} process{'es' * (processes > 1)}", "exit 3, file and line named")


AT_IMPORT = """
print("importing", file=sys.stderr, flush=True)
{act}
"""


@pytest.mark.parametrize(
    ("act", "presses", "code"), [("time.sleep(600)", True, 130), ("raise KeyboardInterrupt", False, 3)]
)
def test_ctrl_c_is_told_from_an_exception_that_a_plugin_raises(place, found, only_in_full, act, presses, code):
    loads = plugin(place, "models", AT_IMPORT, act=act)
    process = place.start("run", place.config(), "--run-dir", "r", *loads)
    if presses:
        place.wait_for(lambda: "importing" in place.said(process), process)
        process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == code, place.said(process)
    found(f"{'Ctrl-C in' if presses else 'of its own'} `{act}` while a plugin is imported", f"exit {code}")


def test_runs_of_several_processes_begun_in_one_second_get_folders_of_their_own(place, found, only_in_full):
    config = place.config(updates=2)
    more = ("--set", "distribution={name='ddp', processes=2}")
    both = [place.start("run", config, *more) for _ in range(2)]
    for process in both:
        assert process.wait(timeout=240) == 0, place.said(process)

    runs = sorted((place.folder / "runs").iterdir())
    assert len(runs) == 2
    assert all((Path(run) / "result.json").exists() for run in runs)
    found("two runs of 2 processes each, started together without a name", "each in a folder of its own")
