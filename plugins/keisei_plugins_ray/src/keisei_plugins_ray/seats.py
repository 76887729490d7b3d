"""The actors of one start, by rank, as the process sees them that started the run."""

import os
import signal
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic
from typing import Any, Final

import ray
from ray.exceptions import RayActorError, RayError
from ray.util.placement_group import PlacementGroup, remove_placement_group
from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

from keisei_core.errors import DistributionError
from keisei_core.launching import FOLDER, Job
from keisei_plugins_ray.demand import Demand
from keisei_plugins_ray.news import News
from keisei_plugins_ray.room import LOOK_S, all_answered
from keisei_plugins_ray.seat import remote_seat
from keisei_plugins_ray.whereabouts import Whereabouts, places_of, ranked, tell_of_niceness

NEWS_S: Final = 2.0
"""How long an actor waits for something to tell before it answers that there is nothing."""
END_S: Final = 8.0
"""How long actors may take for ending their workers, which have 5 s of it."""
GONE: Final = -signal.SIGKILL
"""What stands for the exit code of a worker whose actor can't be asked any more: it was ended with it."""
SHIPPED: Final = ("KEISEI_", "NUMBA_", "OMP_")
"""How the environment variables begin that mean the same on every machine, and go there with the job."""


class Seats:
    """One actor for each rank, on the machines where there is room."""

    def __init__(self, group: PlacementGroup, demand: Demand, job: Job) -> None:
        """Begins to start them; see `whereabouts` for whether they came."""
        self.group = group
        self.job = job
        pickled = job.pickled()
        self.actors = [
            remote_seat(
                num_cpus=demand.cpus,
                num_gpus=demand.gpus,
                scheduling_strategy=PlacementGroupSchedulingStrategy(group, index),
            ).remote(pickled)
            for index in range(demand.num_processes)
        ]
        self.asked: dict[Any, int] = {}
        """Ranks by the answers that are to come."""
        self.starts: list[Any] = []
        """What the start of each rank is to answer."""

    def whereabouts(self, limit_s: float, is_over: Callable[[], bool]) -> list[Whereabouts] | None:
        """Waits until all are there; gives them their ranks: machine by machine, this one first.

        Returns:
            where they are, by rank; None where nobody waits any more.

        Raises:
            RayActorError: one is gone before it was there.
            DistributionError: one never came, or rank 0 would not find the run folder.
        """
        with marked(self.job.run_dir) as mark:
            answers = [actor.whereabouts.remote(mark) for actor in self.actors]
            if not all_answered(answers, limit_s, is_over):
                if is_over():
                    return None
                raise DistributionError(
                    f"the cluster has room for {len(answers)} processes, but did not start them within {limit_s:g} s; "
                    "look at its machines (ray status), or raise distribution.place_timeout_s"
                )
            found: list[Whereabouts] = ray.get(answers)
        here = ray.get_runtime_context().get_node_id()
        order = ranked(found, here)
        self.actors, found = [self.actors[index] for index in order], [found[index] for index in order]
        if mark and found[0].node != here and not found[0].sees_folder:
            raise DistributionError(
                f"rank 0 would be on {found[0].address}, where {self.job.run_dir} is not to be seen, since there is no "
                "room for it on this machine; make room here, or let --run-dir be on a disk that all machines share"
            )
        return found

    def start(self, found: list[Whereabouts], attempt: int) -> None:
        """Starts the workers where the actors are, and asks for news of them."""
        variables = {name: value for name, value in os.environ.items() if name.startswith(SHIPPED) and name != FOLDER}
        places = places_of(found, attempt)
        if not attempt:
            tell_of_niceness(found)
        self.starts = [
            actor.start.remote(place, variables, os.getcwd()) for actor, place in zip(self.actors, places, strict=True)
        ]
        self.asked = {answer: rank for rank, answer in enumerate(self.starts)}

    def news(self, wait_s: float) -> Iterator[tuple[int, News]]:
        """Yields what became of workers, by rank; waits so long for the first of it. Nothing once all have ended."""
        ready, _ = ray.wait(list(self.asked), timeout=wait_s)
        for answer in ready:
            rank = self.asked.pop(answer)
            try:
                news = ray.get(answer) or News()  # of a start there is nothing to tell
            except RayActorError:
                news = News(code=GONE, gone="is gone with its actor or its machine")
            except RayError as error:
                news = News(code=GONE, gone=f"could not be started or watched ({reason(error)})")
            if news.code is None:
                self.asked[self.actors[rank].news.remote(NEWS_S)] = rank
            yield rank, news

    def tell(self, number: signal.Signals) -> None:
        """Hands a signal on to every worker, once it is started: Ray waits for an answer that a call is given."""
        for actor, start in zip(self.actors, self.starts, strict=True):
            actor.tell.remote(int(number), start)

    def end(self, *, has_head: bool = True) -> list[News]:
        """Ends the workers that are left, and gives back the room; returns what they still had to tell.

        Args:
            has_head: whether the cluster has its head, which gives room back and ends actors; without it they end
                themselves.
        """
        deadline, last = monotonic() + END_S, list[News]()
        with suppress(RayError):
            ray.wait([actor.end.remote() for actor in self.actors], num_returns=len(self.actors), timeout=END_S)
            while self.asked and monotonic() < deadline:
                last += [news for _, news in self.news(LOOK_S)]
        if not has_head:
            return last
        for actor in self.actors:
            with suppress(RayError):
                ray.kill(actor)
        with suppress(RayError):
            remove_placement_group(self.group)
        return last


def reason(error: RayError) -> str:
    """Returns what Ray says of an error, in one line."""
    return " ".join(str(getattr(error, "cause", None) or error).split())[:300]


@contextmanager
def marked(run_dir: Path | None) -> Iterator[str]:
    """While it is entered, a file beside or in the run folder shows who sees it; empty where there is no folder."""
    if run_dir is None:
        yield ""
        return
    nearest = next((folder for folder in (run_dir, *run_dir.parents) if folder.is_dir()), None)
    try:
        with tempfile.NamedTemporaryFile(prefix=".keisei-", dir=nearest) as mark:
            yield mark.name
    except OSError:  # the run says better than this what is wrong with its folder
        yield ""
