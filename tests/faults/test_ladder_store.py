"""One store, many processes: nothing is counted twice, nothing is lost, whoever is killed in the middle."""

import json
import os
import signal
import time
from pathlib import Path

from keisei_core.arena.meeting import Meeting
from keisei_core.arena.store import Store

MEETING = Meeting(first="a of x 1", second="b of x 1", seed=0, opening_plies=8, max_plies=60)
QUICK = ("--max-plies", 60, "--device", "cpu", "--threads", 1)
RUNGS = ("--anchor", "random", "--anchor", "alphabeta:random_moves=0.9")
LOOKS_AT_FIRST = """
from keisei_core.arena.store import Store
def late(self, meeting, names, pairs):
    import time
    from keisei_core.arena.store_lines import written
    time.sleep(2)
    with self.path.open("ab") as file:
        file.write(written(meeting, names, pairs))
Store.append = late
"""
"""Makes a process append what was lacking when it began, as if nobody else wrote."""


def pairs_in(path: Path) -> list[tuple[object, ...]]:
    """Every pair that stands in the file, as often as it does."""
    found = []
    for line in path.read_text().splitlines():
        record = json.loads(line)
        who = record["first"], record["second"], record["seed"]
        found += [(*who, record["opening"] + number) for number in range(len(record["pairs"].split()))]
    return found


def test_ladders_of_several_processes_at_once_count_every_pair_once(place, only_in_full, found):
    num_processes = 4

    def climb(store: str, script: str = "") -> Path:
        words = ("ladder", "alphabeta", "--store", store, *RUNGS, "--anchor-games", 20, "--games", 8, *QUICK)
        started = [place.start(*words, script=script) for _ in range(num_processes)]
        for process in started:
            assert process.wait(timeout=240) == 0, place.said(process)
        return place.folder / store

    pairs = pairs_in(climb("one.jsonl"))
    assert len(pairs) == len(set(pairs)) == 10 + 4 + 4
    found(f"{num_processes} times `keisei ladder` at once on a new store", "every pair is in the file once")

    pairs = pairs_in(climb("naive.jsonl", LOOKS_AT_FIRST))
    assert len(pairs) > len(set(pairs))
    found("control: the same where a process appends what it lacked at its start", "pairs are in the file twice")


def test_process_killed_while_it_appends_leaves_a_store_that_goes_on(tmp_path, rng, times, found):
    """A process appends as fast as it can until it is killed; the next one begins where it got to."""
    store, num_kills = Store(tmp_path / "ladder.jsonl"), times(5, 100)
    for _ in range(num_kills):
        child = os.fork()
        if not child:
            begin = len(store.results().of(MEETING))
            for opening in range(begin, begin + 10_000):
                store.append(MEETING, ("a", "b"), {opening: "WL"})
            os._exit(0)
        time.sleep(rng.uniform(0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    pairs = store.results().of(MEETING)
    assert pairs == dict.fromkeys(range(len(pairs)), "WL")
    store.append(MEETING, ("a", "b"), {1_000_000: "WW"})
    assert 1_000_000 in store.results().of(MEETING)
    found(f"{num_kills} times SIGKILL of a process that appends", f"{len(pairs)} pairs, none missing, none twice")


def test_line_torn_at_any_length_costs_its_own_pairs_alone(tmp_path, times, found):
    store = Store(tmp_path / "ladder.jsonl")
    store.append(MEETING, ("a", "b"), {0: "WW"})
    whole = store.path.read_bytes()
    store.append(MEETING, ("a", "b"), {1: "WL"})
    content = store.path.read_bytes()
    lengths = range(len(whole) + 1, len(content) - 1, times(37, 1))
    for length in lengths:
        store.path.write_bytes(content[:length])
        told: list[str] = []
        torn = Store(store.path, told.append)
        assert torn.results().of(MEETING) == {0: "WW"}
        assert "line 2 is no whole record" in told[0]
        torn.append(MEETING, ("a", "b"), {1: "WL", 2: "DD"})
        assert torn.results().of(MEETING) == {0: "WW", 1: "WL", 2: "DD"}
    found(f"the last line cut at {len(lengths)} lengths, then read and appended to", "the pairs before and after count")


def test_interrupted_match_keeps_the_pairs_that_it_played(place, only_in_full, found):
    words = ("match", "alphabeta:depth=2", "alphabeta", "--games", 2000, "--at-once", 8, "--store", "s.jsonl")
    process = place.start(*words, "--device", "cpu", "--threads", 1)
    place.wait_for(lambda: "games: score" in place.said(process), process)
    process.send_signal(signal.SIGINT)

    assert process.wait(timeout=60) == 130
    assert "score    " in place.said(process)
    num_pairs = len(pairs_in(place.folder / "s.jsonl"))
    assert num_pairs > 0
    found("Ctrl-C in a match with `--store`", f"the score so far is shown, {num_pairs} pairs are stored")
