"""From a cluster to the exit code: room, seats, what the workers print and how they end, and all of it again."""

import os
from contextlib import ExitStack, suppress
from time import monotonic

import ray
from ray.exceptions import RayActorError, RayError

from keisei_core.errors import DistributionError
from keisei_core.launching import Job, Outcome, Restarts
from keisei_core.launching.restarts import EXIT_SIGNALLED
from keisei_plugins_ray.demand import Demand
from keisei_plugins_ray.head import Head
from keisei_plugins_ray.news import News
from keisei_plugins_ray.options import RayOptions
from keisei_plugins_ray.room import LOOK_S, machines, reserve
from keisei_plugins_ray.seats import Seats, reason
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
        self.demand = Demand.of(job, machines(), is_alone=is_alone)
        self.head = Head(ray.get_runtime_context().gcs_address)
        restarts.num_workers = self.demand.num_processes

    def to_the_end(self) -> int:
        """Starts the workers, again as often as is allowed; returns the exit code.

        Raises:
            DistributionError: there is no room for them, they could not be started, or the cluster is gone.
            KeiseiError: what the worker that failed first raised.
        """
        try:
            while (code := self.one_start()) is None:
                self.restarts.again()
        except RayError as error:
            raise DistributionError(
                f"lost the Ray cluster, or it started no process ({reason(error)}); look at its machines (ray status), "
                "where Keisei, keisei-plugins-ray and Ray must be installed alike, then resume from the last checkpoint"
            ) from error
        return code

    def one_start(self) -> int | None:
        """Starts the workers once and watches them; returns the exit code, None where they are to be started again."""
        self.restarts.begin()
        seats = self.started()
        if seats is None:
            assert self.restarts.stop_requested is not None
            return EXIT_SIGNALLED + self.restarts.stop_requested
        try:
            self.watch(seats)
        finally:
            for news in seats.end(has_head=self.head.answers()):
                show(news)
        if self.signals.ended_by is not None:
            return EXIT_SIGNALLED + self.signals.ended_by
        return None if self.restarts.ends and self.restarts.left > 0 else self.restarts.exit_code()

    def started(self) -> Seats | None:
        """Starts the workers where there is room; None where a signal came before.

        A machine may be gone before the cluster knows it: as long as there is time, room is looked for again.

        Raises:
            DistributionError: the cluster's head is gone.
        """
        if not self.head.answers():
            raise self.head.loss()
        end = monotonic() + self.options.place_timeout_s
        while (group := reserve(self.demand, max(end - monotonic(), 0), self.is_stopping)) is not None:
            seats = Seats(group, self.demand, self.job)
            with ExitStack() as stack:
                stack.callback(seats.end)
                try:
                    found = seats.whereabouts(self.options.place_timeout_s, self.is_stopping)
                except RayActorError as error:
                    if error.actor_init_failed or monotonic() > end:
                        raise
                    continue
                # What came so far is for no worker. Only then is it looked at: a signal after that goes to the workers.
                self.signals.to_tell.clear()
                if found is None or self.is_stopping():
                    return None
                seats.start(found, self.restarts.attempt)
                stack.pop_all()
                return seats
        return None

    def watch(self, seats: Seats) -> None:
        """Shows what the workers print until all have ended, or one has failed.

        Raises:
            DistributionError: the cluster's head is gone.
        """
        while seats.asked and self.signals.ended_by is None:
            while self.signals.to_tell:
                seats.tell(self.signals.to_tell.popleft())
            for rank, news in seats.news(LOOK_S):
                self.take(rank, news)
            if self.head.is_gone:
                raise self.head.loss()
            if self.restarts.ends and not self.restarts.is_waiting_for_cause:
                return

    def take(self, rank: int, news: News) -> None:
        """Shows what a worker printed; notes its end."""
        show(news)
        if news.outcome is not None:
            self.outcomes[rank, self.restarts.attempt] = news.outcome
        if news.code is not None:
            self.restarts.note(rank, news.code, news.gone)

    def is_stopping(self) -> bool:
        """Tells whether nothing is to be started any more."""
        return self.restarts.stop_requested is not None


def show(news: News) -> None:
    """Writes what a worker printed where it would have written it itself."""
    for number, chunk in news.printed:
        write(number, chunk)


def write(number: int, chunk: bytes) -> None:
    """Writes to a file descriptor; where nobody reads, it goes unheard."""
    with suppress(OSError):
        while chunk:
            chunk = chunk[os.write(number, chunk) :]
