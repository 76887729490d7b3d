"""Signals to a launcher: what goes on to its workers, and what a second one does."""

import os
import signal
from collections.abc import Iterator

import pytest

from keisei_core.launching import Restarts, forwarding
from keisei_core.launching.forwarding import FORWARDED


class Told:
    """Notes what reached the workers, and what was to end them."""

    def __init__(self) -> None:
        self.restarts = Restarts(2, 0, lambda rank, attempt: None)
        self.told: list[signal.Signals] = []
        self.ended: list[signal.Signals] = []


@pytest.fixture
def launcher() -> Iterator[Told]:
    """A launcher in the middle of its work; its handlers are gone afterwards."""
    before = [signal.getsignal(number) for number in FORWARDED]
    launcher = Told()
    with forwarding(launcher.restarts, launcher.told.append, launcher.ended.append):
        yield launcher
    assert [signal.getsignal(number) for number in FORWARDED] == before


def send(*numbers: signal.Signals) -> None:
    for number in numbers:
        os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_first_signal_reaches_the_workers_as_sigterm(launcher, number):
    send(number)

    assert (launcher.told, launcher.ended, launcher.restarts.stop_requested) == ([signal.SIGTERM], [], number)


def test_second_signal_ends_the_workers_and_a_second_hang_up_does_not(launcher):
    send(signal.SIGHUP, signal.SIGHUP)
    assert launcher.ended == []

    send(signal.SIGINT)

    assert (launcher.told, launcher.ended) == ([signal.SIGTERM], [signal.SIGINT])
    assert launcher.restarts.stop_requested == signal.SIGHUP


def test_third_signal_does_not_break_off_the_end_of_the_workers(launcher):
    send(signal.SIGTERM, signal.SIGTERM, signal.SIGTERM, signal.SIGINT)

    assert (launcher.told, launcher.ended) == ([signal.SIGTERM], [signal.SIGTERM])


def test_wish_to_save_reaches_the_workers_whenever_it_comes_and_stops_nothing(launcher):
    send(signal.SIGUSR1)
    assert launcher.restarts.stop_requested is None

    send(signal.SIGTERM, signal.SIGUSR1)

    assert launcher.told == [signal.SIGUSR1, signal.SIGTERM, signal.SIGUSR1]


def test_hang_up_that_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    launcher = Told()
    try:
        with forwarding(launcher.restarts, launcher.told.append, launcher.ended.append):
            send(signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)

    assert launcher.told == []
