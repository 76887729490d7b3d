"""Where the seats of a run stand, and the places among all processes that follow from it; imports no ray."""

import os
from collections.abc import Sequence

import attrs

from keisei_core.launching import Place
from keisei_core.streams import say


@attrs.frozen(kw_only=True)
class Whereabouts:
    """Where a seat stands."""

    node: str
    """Ray's name of the machine."""
    address: str
    port: int
    """Free there, a moment ago."""
    niceness: int
    sees_folder: bool
    """Whether the run folder's mark is there."""


def ranked(found: Sequence[Whereabouts], here: str) -> list[int]:
    """Returns the seats' indices in the order of their ranks: machine by machine, the one of this name first."""
    return sorted(range(len(found)), key=lambda index: (found[index].node != here, found[index].node, index))


def places_of(found: Sequence[Whereabouts], attempt: int) -> list[Place]:
    """Returns the places of all ranks, which meet where rank 0 is."""
    nodes = [each.node for each in found]
    return [
        Place(
            rank=rank,
            world_size=len(found),
            local_rank=nodes[:rank].count(each.node),
            local_world_size=nodes.count(each.node),
            address=found[0].address,
            port=found[0].port,
            attempt=attempt,
            has_store=False,
        )
        for rank, each in enumerate(found)
    ]


def tell_of_niceness(found: Sequence[Whereabouts]) -> None:
    """Says which machines let the run wait behind all else; niceness is what they were started with."""
    nicer = sorted({(each.address, each.niceness) for each in found if each.niceness > os.nice(0)})
    for address, niceness in nicer:
        say(
            f"keisei: note: processes on {address} run at niceness {niceness}, behind whatever else runs there; "
            "start its Ray with RAY_worker_niceness=0"
        )
