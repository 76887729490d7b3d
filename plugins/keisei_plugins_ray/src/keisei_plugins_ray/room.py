"""Room on the cluster: what a run asks for, and waiting until all of it can be had at once, or saying why not."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, Final

import attrs
import ray
from ray.util.placement_group import PlacementGroup, placement_group, remove_placement_group

from keisei_core.errors import DistributionError
from keisei_core.launching import Job
from keisei_plugins_ray.options import RayOptions

LOOK_S: Final = 0.2
"""How long a signal may wait while the cluster is asked."""
NODE: Final = "ray.io/node-id"
"""Label that Ray gives every machine."""


@attrs.frozen(kw_only=True)
class Demand:
    """What the processes of a run ask of a cluster."""

    num_processes: int
    cpus: float
    gpus: float
    """0 where the run is on CPUs."""
    strategy: str
    """How they are spread over machines, in Ray's words."""

    @classmethod
    def of(cls, job: Job, has: Mapping[str, float], *, is_alone: bool) -> "Demand":
        """Works out what a job asks for.

        Args:
            job: with its options.
            has: what the whole cluster has, by Ray's names.
            is_alone: whether the cluster is there for this run alone, which then takes all of it.
        """
        options: RayOptions = job.options
        gpus = options.gpus if job.device == "cuda" or (job.device == "auto" and has.get("GPU")) else 0.0
        share = has.get("CPU", 1) // options.processes if is_alone and options.processes else 1
        cpus = options.cpus or job.threads or max(share, 1)
        fitting = has.get("GPU", 0) // gpus if gpus else has.get("CPU", 1) // cpus
        return cls(
            num_processes=options.processes or max(int(fitting), 1), cpus=cpus, gpus=gpus, strategy=options.strategy
        )

    @property
    def each(self) -> dict[str, float]:
        """What one process asks for, by Ray's names."""
        return {"CPU": self.cpus} | ({"GPU": self.gpus} if self.gpus else {})

    def __str__(self) -> str:
        plural = "es" if self.num_processes > 1 else ""
        return f"{self.num_processes} process{plural} with {amounts(self.each)} each ({self.strategy})"


def reserve(demand: Demand, limit_s: float, is_over: Callable[[], bool]) -> PlacementGroup | None:
    """Reserves room for all processes, at once or not at all: one of them on this machine if it can be.

    Args:
        demand: what for.
        limit_s: for waiting; the half of it for room on this machine where that is large enough, since rank 0 has the
            run folder.
        is_over: says that nobody waits any more.

    Returns:
        the room, to be given back by `remove_placement_group`; None where nobody waits.

    Raises:
        DistributionError: there is none in the time; says what was asked for, what there is and what is free.
    """
    end = monotonic() + limit_s
    here = ray.get_runtime_context().get_node_id()
    fits_here = any(node["NodeID"] == here and _fits(demand, node["Resources"]) for node in _nodes())
    tries = [(end - limit_s / 2, {NODE: here})] if fits_here else []
    for until, label in (*tries, (end, {})):
        labels: list[dict[str, str]] = [label, *({} for _ in range(demand.num_processes - 1))]
        group = placement_group([demand.each] * demand.num_processes, demand.strategy, bundle_label_selector=labels)
        if came([group.ready()], until - monotonic(), is_over):
            return group
        remove_placement_group(group)
        if is_over():
            return None
    raise DistributionError(
        f"the cluster has no room for {demand} within {limit_s:g} s: it has {_whole()}, free {_free()}; ask for less "
        "(distribution.processes, cpus, gpus, strategy), add machines, or raise distribution.place_timeout_s"
    )


def came(answers: list[Any], limit_s: float, is_over: Callable[[], bool]) -> bool:
    """Waits until all answers have come; returns False where the time is up, or nobody waits any more, before."""
    end = monotonic() + limit_s
    while not is_over():
        left = max(end - monotonic(), 0)
        _, missing = ray.wait(answers, num_returns=len(answers), timeout=min(left, LOOK_S))
        if not missing:
            return True
        if not left:
            return False
    return False


def amounts(resources: Mapping[str, float]) -> str:
    """Writes numbers of CPUs and GPUs for people."""
    return ", ".join(f"{resources.get(name, 0):g} {name}" for name in ("CPU", "GPU") if name in resources) or "nothing"


def _fits(demand: Demand, resources: Mapping[str, float]) -> bool:
    return all(resources.get(name, 0) >= amount for name, amount in demand.each.items())


def _nodes() -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


def _whole() -> str:
    nodes = [amounts(node["Resources"]) for node in _nodes()]
    return f"{len(nodes)} machine{'s' if len(nodes) != 1 else ''} ({'; '.join(nodes)})"


def _free() -> str:
    return amounts({"CPU": 0.0} | ray.available_resources())
