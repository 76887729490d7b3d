"""Nobody but the process that has the run is ever sent a signal, and no second one."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from holder import holding, said

from keisei_plugins_watch.live.run_process import Phase, RunProcess, Stopper

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells who has a file open")


def test_process_of_a_run_is_asked_once(tmp_path):
    with holding(tmp_path) as process:
        assert RunProcess.of(tmp_path) == RunProcess(process.pid, Phase.READY)
        assert Stopper(tmp_path).ask().phase == Phase.READY
        said(process, "asked")
        assert Stopper(tmp_path).ask() == RunProcess(process.pid, Phase.STOPPING)
        assert process.poll() is None


@pytest.mark.parametrize("handles", [(), (signal.SIGTERM,)], ids=["starting", "host"])
def test_process_that_would_end_unsaved_is_left_alone(tmp_path, handles):
    with holding(tmp_path, handles=handles) as process:
        assert Stopper(tmp_path).ask() == RunProcess(process.pid, Phase.STARTING)
        assert process.poll() is None


@pytest.fixture
def signals(monkeypatch):
    """Signals that were sent; nobody hears them, as a process in the middle of a long call does not."""
    sent = []
    monkeypatch.setattr(signal, "pidfd_send_signal", lambda handle, number: sent.append(number))
    return sent


def test_process_that_did_not_notice_yet_is_asked_once_though_many_ask_at_once(tmp_path, signals):
    stopper = Stopper(tmp_path)
    with holding(tmp_path) as process, ThreadPoolExecutor(8) as pool:
        found = [each.result() for each in [pool.submit(stopper.ask) for _ in range(8)]]

    assert signals == [signal.SIGTERM]
    assert sorted(found, key=lambda each: each.phase) == [
        RunProcess(process.pid, Phase.READY),
        *[RunProcess(process.pid, Phase.STOPPING)] * 7,
    ]


def test_process_that_takes_the_run_again_is_asked_again(tmp_path, signals):
    stopper = Stopper(tmp_path)
    with holding(tmp_path):
        stopper.ask()
        os.utime(tmp_path / "lock", ns=(1, 1))  # written again, as the run is when it is taken

        assert stopper.ask().phase == Phase.READY
    assert signals == [signal.SIGTERM] * 2


def test_process_that_ended_is_nobody(tmp_path):
    with holding(tmp_path):
        pass

    assert (tmp_path / "lock").read_text().strip().isdigit()
    assert Stopper(tmp_path).ask() == RunProcess(0, Phase.NONE)


def test_number_that_is_another_process_by_now_is_nobody(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    with holding(other) as process:
        (tmp_path / "lock").write_text(f"{process.pid}\n")

        assert Stopper(tmp_path).ask() == RunProcess(0, Phase.NONE)
        assert RunProcess.of(other).phase == Phase.READY


@pytest.mark.parametrize("content", [None, "", "nonsense\n", "\xff", "-1\n", "0\n", f"{2**40}\n"])
def test_lock_that_names_nobody_is_nobody(tmp_path, content):
    if content is not None:
        (tmp_path / "lock").write_text(content, encoding="latin-1")

    assert Stopper(tmp_path).ask() == RunProcess(0, Phase.NONE)


def test_process_of_another_user_is_told_and_left_alone(tmp_path, monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", str(path))

    with holding(tmp_path) as process:
        monkeypatch.setattr(os, "scandir", refused)
        assert Stopper(tmp_path).ask() == RunProcess(process.pid, Phase.HIDDEN)


def test_system_that_does_not_tell_who_has_a_file_leaves_the_process_alone(tmp_path, monkeypatch):
    with holding(tmp_path) as process:
        monkeypatch.setattr("keisei_plugins_watch.live.run_process.PROC", tmp_path / "nowhere")
        assert Stopper(tmp_path).ask() == RunProcess(process.pid, Phase.HIDDEN)
