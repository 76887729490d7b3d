"""Room on the cluster: waiting until all that a run asks for can be had at once, or saying why not."""

from collections import Counter
from collections.abc import Callable
from time import monotonic
from typing import Any, Final

import ray
from ray.util.placement_group import PlacementGroup, placement_group, remove_placement_group

from keisei_core.errors import DistributionError
from keisei_plugins_ray.demand import Demand, amounts

LOOK_S: Final = 0.2
"""How long a signal may wait while the cluster is asked."""
NODE: Final = "ray.io/node-id"
"""Label that Ray gives every machine."""


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
    fits_here = any(node["NodeID"] == here and demand.fits(node["Resources"]) for node in _nodes())
    tries = [(end - limit_s / 2, {NODE: here})] if fits_here else []
    for until, label in (*tries, (end, {})):
        labels: list[dict[str, str]] = [label, *({} for _ in range(demand.num_processes - 1))]
        group = placement_group([demand.each] * demand.num_processes, demand.strategy, bundle_label_selector=labels)
        if all_answered([group.ready()], until - monotonic(), is_over):
            return group
        remove_placement_group(group)
        if is_over():
            return None
    raise DistributionError(
        f"the cluster has no room for {demand} within {round(limit_s, 1):g} s: it has {_whole()}, free {_free()}; ask "
        "for less (distribution.processes, cpus, gpus, strategy), add machines, or raise distribution.place_timeout_s"
    )


def all_answered(answers: list[Any], limit_s: float, is_over: Callable[[], bool]) -> bool:
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


def machines() -> list[dict[str, float]]:
    """Returns what each machine of the cluster has, by Ray's names."""
    return [node["Resources"] for node in _nodes()]


def _nodes() -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


def _whole() -> str:
    alike = Counter(map(amounts, machines()))
    return "; ".join(f"{number} machine{'s' if number > 1 else ''} of {what}" for what, number in alike.items())


def _free() -> str:
    return amounts({"CPU": 0.0} | ray.available_resources())
