"""Signals to a run, in this process: which ask it to stop, and what they do the second time."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from keisei_core.run import train
from keisei_core.run.stop import STOPPING, StopRequest


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps what is said to the terminal away from it."""
    monkeypatch.setattr(os, "write", lambda descriptor, content: len(content))


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    """Sees that a run leaves the handlers as they were; that of SIGHUP is looked at in a test of its own."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
    before, of_hang_up = [signal.getsignal(number) for number in numbers], signal.getsignal(signal.SIGHUP)
    yield
    signal.signal(signal.SIGHUP, of_hang_up)
    assert [signal.getsignal(number) for number in numbers] == before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_first_signal_asks_to_stop(number: signal.Signals) -> None:
    with StopRequest() as stop:
        assert not stop.is_requested()
        os.kill(os.getpid(), number)

        assert stop.is_requested()
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGHUP])
def test_further_hang_ups_do_nothing(first: signal.Signals) -> None:
    with StopRequest() as stop:
        os.kill(os.getpid(), first)
        for _ in range(3):
            os.kill(os.getpid(), signal.SIGHUP)

        assert stop.is_requested()


def test_hang_up_that_comes_when_all_is_saved_does_nothing() -> None:
    with StopRequest():
        os.kill(os.getpid(), signal.SIGHUP)

    os.kill(os.getpid(), signal.SIGHUP)  # or this process would end


def test_run_that_nobody_stopped_leaves_hang_ups_as_they_were() -> None:
    before = signal.getsignal(signal.SIGHUP)
    with StopRequest():
        pass

    assert signal.getsignal(signal.SIGHUP) == before


def test_hang_up_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopRequest() as stop:
            os.kill(os.getpid(), signal.SIGHUP)

            assert not stop.is_requested()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signal_without_a_stderr_asks_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with StopRequest() as stop:
        os.kill(os.getpid(), signal.SIGHUP)

        assert stop.is_requested()


@pytest.mark.parametrize(("terminal", "begins"), [("xterm", b"\r\x1b[J"), ("dumb", b"asked")])
def test_line_that_says_so_takes_the_place_of_a_live_display_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, terminal: str, begins: bytes
) -> None:
    written: list[bytes] = []
    monkeypatch.setattr(os, "write", lambda descriptor, content: written.append(content))
    monkeypatch.setattr(sys, "stderr", SimpleNamespace(isatty=lambda: True))
    monkeypatch.setenv("TERM", terminal)
    monkeypatch.delenv("CI", raising=False)
    with StopRequest():
        os.kill(os.getpid(), signal.SIGINT)

    assert written[0].startswith(begins)


def in_a_thread(work: Callable[[], None]) -> None:
    """Does the work outside of the main thread, as notebooks and some hosts of workers do."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result(timeout=60)


def test_request_outside_of_the_main_thread_leaves_signals_to_the_host() -> None:
    before = [signal.getsignal(number) for number in STOPPING]

    def work() -> None:
        with StopRequest() as stop:
            assert [signal.getsignal(number) for number in STOPPING] == before
            stop.request_save()
            assert (stop.take_save_request(), stop.is_requested()) == (True, False)
            stop.request()
            assert stop.is_requested()

    in_a_thread(work)


def test_run_outside_of_the_main_thread_trains_to_its_end(tiny: Any, tmp_path: Path) -> None:
    keys = {"run__plies": 64, "evaluation__every_updates": 0, "evaluation__final_games": 2, "evaluation__max_plies": 20}

    in_a_thread(lambda: train(tiny(**keys), tmp_path / "r") and None)

    assert (tmp_path / "r" / "result.json").is_file()
