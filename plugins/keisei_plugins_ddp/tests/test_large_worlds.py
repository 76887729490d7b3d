"""A hundred ranks at one store: threads stand in for them, the store and the connections to it are real."""

import threading
import time
from datetime import timedelta
from itertools import islice, pairwise

import pytest
from torch.distributed import HashStore, TCPStore

from keisei_plugins_ddp.arrivals import arrive, pauses_s
from keisei_plugins_ddp.pulse import Pulse

RANKS = 100
MATCH_S = 5
"""For so long rank 0 plays, and all others wait for it."""
MOST_PER_S = 500
CONNECTIONS = 4
"""Shared by the ranks: to open one takes longer than what is asked through it."""


class Counting:
    """A connection to a store that counts what is asked through it."""

    def __init__(self, store, asked):
        self.store = store
        self.asked = asked

    def __getattr__(self, name):
        call = getattr(self.store, name)

        def counted(*arguments):
            self.asked.append(name)
            return call(*arguments)

        return counted


@pytest.fixture
def asked():
    """The name of every request."""
    return []


@pytest.fixture
def stores(asked):
    """A connection for each rank."""
    keeper = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False, timeout=timedelta(seconds=60))
    connections = [
        TCPStore("127.0.0.1", keeper.port, wait_for_workers=False, timeout=timedelta(seconds=60))
        for _ in range(CONNECTIONS)
    ]
    yield [Counting(connections[rank % CONNECTIONS], asked) for rank in range(RANKS)]
    connections.clear()


def test_hundred_ranks_in_a_match_ask_the_store_less_than_500_times_a_second(stores, asked):
    ended = []
    begun = time.monotonic()
    pulses = [Pulse(stores[rank], rank, RANKS, 180, lambda *told: ended.append(told)) for rank in range(RANKS)]
    waiting = [threading.Thread(target=arrive, args=(stores[rank], "meeting", RANKS)) for rank in range(1, RANKS)]
    for thread in waiting:
        thread.start()

    time.sleep(MATCH_S)
    per_s = len(asked) / (time.monotonic() - begun)
    assert all(thread.is_alive() for thread in waiting)
    arrive(stores[0], "meeting", RANKS)
    for thread in waiting:
        thread.join(60)
    for pulse in pulses:
        pulse.stop()

    assert not any(thread.is_alive() for thread in waiting)
    assert per_s < MOST_PER_S
    assert ended == []


@pytest.mark.parametrize(("world_size", "longest_s"), [(2, 0.01), (100, 0.5), (800, 4.0)])
def test_pauses_grow_to_what_the_store_bears(world_size, longest_s):
    pauses = list(islice(pauses_s(world_size), 20))

    assert pauses[0] == 0.01
    assert max(pauses) == pauses[-1] == longest_s
    assert all(later <= 2 * earlier for earlier, later in pairwise(pauses))


def test_who_does_not_come_in_time_is_not_waited_for():
    assert not arrive(HashStore(), "here", 2, limit_s=0.05)
