"""Coming together: every process finds the others at one address, within the join time or not at all."""

import errno
import json
import os
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final, Self

import attrs
from torch.distributed import PrefixStore, Store, TCPStore  # type: ignore[attr-defined]

from keisei_core.errors import DistributionError
from keisei_core.launching.outcome import end_now
from keisei_core.launching.place import Place
from keisei_core.shown import first_line
from keisei_plugins_ddp.arrivals import arrive

BEYOND_S: Final = 2.0
"""How much longer than the join time torch's own calls get before the process is ended from outside of them."""
IN_USE: Final = "EADDRINUSE"
BACKLOG: Final = 2048
"""Connections that wait to be accepted, as many as torch's own listener lets: all processes come at once."""


@attrs.frozen(kw_only=True)
class Member:
    """One process as the others know it."""

    host: str
    pid: int
    address: str
    """Of the interface that it talks through."""
    gpu: str = ""
    """What its GPU is called everywhere, however few GPUs a process sees; empty on the CPU."""

    @classmethod
    def here(cls, address: str, gpu: str) -> Self:
        """Returns this process."""
        return cls(host=socket.gethostname(), pid=os.getpid(), address=address, gpu=gpu)

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}"


def open_store(place: Place, join_timeout_s: float) -> Store:
    """Connects to the store where the processes meet; rank 0 keeps it unless the launcher does.

    Raises:
        DistributionError: the port is taken, or nobody answers there within the time; names address and port.
    """
    is_keeper = place.rank == 0 and not place.has_store
    try:
        with ended_after(join_timeout_s + BEYOND_S, nobody_answers(place, join_timeout_s)):
            store = TCPStore(
                place.address,
                place.port,
                place.world_size,
                is_keeper,
                timedelta(seconds=join_timeout_s),
                wait_for_workers=False,
                master_listen_fd=_own_listener(place) if is_keeper else None,
            )
    except (OSError, RuntimeError) as error:
        if is_keeper:
            is_taken = IN_USE in str(error) or getattr(error, "errno", None) == errno.EADDRINUSE
            reason = "the port is in use" if is_taken else first_line(error)
            raise DistributionError(
                f"rank 0 can't listen at {place.endpoint}: {reason}; "
                "end what listens there, or give all processes another MASTER_PORT"
            ) from error
        raise DistributionError(f"{nobody_answers(place, join_timeout_s)} ({first_line(error)})") from error
    # Processes started again use the same store, and must not find what those before them left.
    return PrefixStore(f"keisei/{place.attempt}", store)


def gather_members(store: Store, place: Place, own: Member, join_timeout_s: float) -> tuple[Member, ...]:
    """Waits until every process is here and returns them by rank.

    Raises:
        DistributionError: some did not come within the time; names them, address and port.
    """
    ranks = range(place.world_size)
    store.set(_key(place.rank), json.dumps(attrs.asdict(own)))
    with ended_after(join_timeout_s + BEYOND_S, nobody_answers(place, join_timeout_s)):
        if not arrive(store, "members", place.world_size, join_timeout_s):
            missing = [rank for rank in ranks if not store.check([_key(rank)])]
            raise DistributionError(_missing(missing, place, join_timeout_s))
        return tuple(Member(**json.loads(told)) for told in store.multi_get([_key(rank) for rank in ranks]))


def share_gpus(members: Iterable[Member]) -> bool:
    """Tells whether two processes compute on one GPU, which every process finds alike."""
    gpus = [member.gpu for member in members if member.gpu]
    return len(set(gpus)) < len(gpus)


@contextmanager
def ended_after(seconds: float, message: str) -> Iterator[None]:
    """Ends the process if what is done inside takes longer: torch's own limits do not hold everywhere."""
    timer = threading.Timer(seconds, end_now, [message])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def nobody_answers(place: Place, join_timeout_s: float) -> str:
    """Says that the meeting point can't be reached, and what to look at."""
    return (
        f"rank {place.rank} found no store of the run at {place.endpoint} within {join_timeout_s:g} s; "
        "start rank 0 there, and look at MASTER_ADDR, MASTER_PORT and the firewall between the machines"
    )


def _own_listener(place: Place) -> int | None:
    """Returns a socket at the place's own address where all processes are on this machine; else torch makes one.

    Torch's listens at every interface. Other machines need that, which may know this one by another address; so do
    processes here that are told the address of a service or of a router before this machine.
    """
    if place.local_world_size < place.world_size:
        return None
    family = socket.getaddrinfo(place.address, place.port)[0][0]
    try:
        return socket.create_server((place.address, place.port), family=family, backlog=BACKLOG).detach()
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:  # no interface of this machine has it
            return None
        raise


def _missing(ranks: list[int], place: Place, join_timeout_s: float) -> str:
    who = f"rank{'s' if len(ranks) > 1 else ''} {', '.join(map(str, ranks))}"
    return (
        f"{who} of {place.world_size} never came to {place.endpoint} within {join_timeout_s:g} s; "
        "start them with the same MASTER_ADDR and MASTER_PORT, or raise distribution.join_timeout_s"
    )


def _key(rank: int) -> str:
    return f"member/{rank}"
