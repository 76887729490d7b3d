"""From a cluster to the exit code: room, seats, what the workers print and how they end, and all of it again."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import ray
from ray.exceptions import RayActorError

from keisei_core.launching import Job, Outcome, Restarts
from keisei_core.launching.restarts import EXIT_SIGNALLED
from keisei_plugins_ray.options import RayOptions
from keisei_plugins_ray.room import LOOK_S, Demand, reserve
from keisei_plugins_ray.seat import News
from keisei_plugins_ray.seats import Seats
from keisei_plugins_ray.signals import Signals


class Watch:
    """All starts of the workers of one run."""

    def __init__(
        self,
        job: Job,
        restarts: Restarts,
        signals: Signals,
        outcomes: dict[tuple[int, int], Outcome],
        *,
        is_alone: bool,
    ) -> None:
        """Asks the cluster, which this process belongs to, what it has.

        Args:
            job: what the workers do.
            restarts: told how they end.
            signals: that come to this process.
            outcomes: filled with what workers leave, by rank and attempt.
            is_alone: whether the cluster was started for this run.
        """
        self.job = job
        self.options: RayOptions = job.options
        self.restarts, self.signals, self.outcomes = restarts, signals, outcomes
        self.demand = Demand.of(job, ray.cluster_resources(), is_alone=is_alone)
        restarts.num_workers = self.demand.num_processes

    def to_the_end(self) -> int:
        """Starts the workers, again as often as is allowed; returns the exit code.

        Raises:
            KeiseiError: what the worker that failed first raised, or that there is no room for any.
        """
        while True:
            self.restarts.begin()
            with self.seated() as seats:
                if seats is not None:
                    self.watch(seats)
            ended_by = self.signals.ended_by if seats is not None else self.restarts.stop_requested
            if ended_by is not None:
                return EXIT_SIGNALLED + ended_by
            if not self.restarts.ends or self.restarts.left <= 0:
                return self.restarts.exit_code()
            self.restarts.again()

    @contextmanager
    def seated(self) -> Iterator[Seats | None]:
        """While it is entered, workers run on the cluster; None where a signal came before.

        A machine may be gone before the cluster knows it: there is time for another try.
        """
        end = monotonic() + self.options.place_timeout_s
        while True:
            group = reserve(self.demand, max(end - monotonic(), 0), self.is_stopping)
            if group is None:
                yield None
                return
            seats = Seats(group, self.demand, self.job)
            try:
                found = seats.whereabouts(self.options.place_timeout_s, self.is_stopping)
                if found is not None:
                    seats.start(found, self.restarts.attempt)
                yield seats if found is not None else None
                return
            except RayActorError:
                if monotonic() > end:
                    raise
            finally:
                seats.end()

    def watch(self, seats: Seats) -> None:
        """Shows what the workers print until all have ended, or one has failed."""
        while seats.asked and self.signals.ended_by is None:
            while self.signals.to_tell:
                seats.tell(self.signals.to_tell.popleft())
            for rank, news in seats.news(LOOK_S):
                self.take(rank, news)
            if self.restarts.ends and not self.restarts.is_waiting_for_cause:
                return

    def take(self, rank: int, news: News) -> None:
        """Shows what a worker printed; notes its end."""
        for number, chunk in news.printed:
            write(number, chunk)
        if news.outcome is not None:
            self.outcomes[rank, self.restarts.attempt] = news.outcome
        if news.code is not None:
            self.restarts.note(rank, news.code, news.gone)

    def is_stopping(self) -> bool:
        """Tells whether nothing is to be started any more."""
        return self.restarts.stop_requested is not None


def write(number: int, chunk: bytes) -> None:
    """Writes to a file descriptor, as the worker itself does would; where nobody reads, it goes unheard."""
    with suppress(OSError):
        while chunk:
            chunk = chunk[os.write(number, chunk) :]
