"""What takes too long, or does not look for a stop, is interrupted in the main thread, and nothing is left behind."""

import contextlib
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable

import pytest

from keisei_core.errors import StoppedError
from keisei_core.run.patience import hurry, interruptible
from keisei_core.run.stop import StopRequest


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keisei_core.run.patience.GRACE_S", 0.2)


def sleep() -> None:
    time.sleep(600)


def wait() -> None:
    threading.Event().wait()


def take() -> None:
    queue.Queue[int]().get()


def spin() -> None:
    while True:
        pass


def read() -> None:
    ours, _theirs = socket.socketpair()
    with ours, _theirs:
        ours.recv(1)


def run_another() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        try:
            process.wait()
        finally:
            process.kill()


def try_again() -> None:
    while True:
        with contextlib.suppress(Exception):
            time.sleep(600)


HANGING = [sleep, wait, take, spin, read, run_another, try_again]


@pytest.mark.parametrize("hang", HANGING)
def test_what_takes_too_long_is_ended(hang: Callable[[], None]) -> None:
    with pytest.raises(TimeoutError, match=r"took more than 0\.2 s"), interruptible(limit_s=0.2):
        hang()


def be_told_to_stop() -> None:
    signal.raise_signal(signal.SIGTERM)
    sleep()


def test_stop_ends_what_does_not_look_for_it() -> None:
    with StopRequest() as stop, pytest.raises(StoppedError), interruptible(stop.is_requested):
        be_told_to_stop()


def test_stop_that_was_asked_for_before_ends_it_too() -> None:
    with pytest.raises(StoppedError), interruptible(lambda: True):
        sleep()


def test_what_looks_for_the_stop_by_itself_is_left_alone() -> None:
    with StopRequest() as stop, interruptible(stop.is_requested):
        signal.raise_signal(signal.SIGTERM)

    time.sleep(0.4)


def make_something_else_of_it() -> None:
    try:
        sleep()
    except BaseException as error:
        raise ValueError("something else") from error


def test_what_was_made_of_the_interruption_does_not_count() -> None:
    with pytest.raises(TimeoutError), interruptible(limit_s=0.2):
        make_something_else_of_it()


def test_exception_of_its_own_stays_what_it_is() -> None:
    with pytest.raises(ZeroDivisionError), interruptible(limit_s=0.2):
        1 / 0  # noqa: B018

    time.sleep(0.4)


def test_inner_one_leaves_the_time_to_the_outer() -> None:
    with pytest.raises(TimeoutError, match=r"0\.2"), interruptible(limit_s=0.2), interruptible(limit_s=600):
        sleep()


def test_other_threads_are_not_watched() -> None:
    ended: list[bool] = []

    def work() -> None:
        with interruptible(limit_s=0.01):
            time.sleep(0.1)
        ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert ended == [True]


def test_handler_and_timer_are_as_they_were() -> None:
    before = signal.getsignal(signal.SIGALRM)

    with interruptible(lambda: False, 600):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    hurry()

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def swallow_it() -> None:
    with contextlib.suppress(BaseException):
        sleep()


def test_what_went_on_in_spite_of_the_interruption_does_not_count() -> None:
    with pytest.raises(TimeoutError, match=r"took more than 0\.2 s"), interruptible(limit_s=0.2):
        swallow_it()
