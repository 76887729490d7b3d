"""The store of pairs: what is one pair, what several processes write, what is read of a damaged file."""

import fcntl
import json
import os
from pathlib import Path
from time import sleep

import attrs
import pytest

from keisei_core.arena.meeting import Meeting, turned
from keisei_core.arena.store import Store
from keisei_core.arena.store_lines import written
from keisei_core.errors import ConfigError

MEETING = Meeting(first="a of x 1", second="b of x 1", seed=0, opening_plies=8, max_plies=120)
NAMES = ("a", "b")


@pytest.fixture
def store(tmp_path):
    """A store that fails where it has something to tell."""
    return Store(tmp_path / "ladder.jsonl", pytest.fail)


def told_of(store):
    """Returns the pairs of a store, and what reading it tells."""
    told = []
    return Store(store.path, told.append).results().of(MEETING), told


def test_pair_is_counted_once_whoever_was_called_first(store):
    assert store.append(MEETING, NAMES, {0: "WL", 1: "WC"}) == 2
    assert store.append(MEETING, NAMES, {1: "WC", 2: "DD"}) == 1
    assert store.append(MEETING.turned(), NAMES[::-1], {0: "WL", 1: "CL", 3: "LW"}) == 1

    assert store.results().of(MEETING) == {0: "WL", 1: "WC", 2: "DD", 3: "LW"}
    assert store.results().of(MEETING.turned())[1] == "CL"


def test_turned_pair_is_the_other_players_view():
    assert [turned(pair) for pair in ("WL", "WW", "WC", "DL")] == ["WL", "LL", "CL", "WD"]


@pytest.mark.parametrize(
    "change",
    [{"seed": 1}, {"opening_plies": 7}, {"max_plies": 121}, {"second": "b of x 2"}, {"sprt": True}],
    ids=lambda change: next(iter(change)),
)
def test_what_changes_games_makes_another_pair(store, change):
    store.append(MEETING, NAMES, {0: "WW"})

    assert store.append(attrs.evolve(MEETING, **change), NAMES, {0: "LL"}) == 1
    assert store.results().of(MEETING) == {0: "WW"}


def test_store_written_twice_into_one_file_counts_once(store):
    store.append(MEETING, NAMES, {0: "WW", 1: "WL"})
    store.path.write_bytes(2 * store.path.read_bytes())

    assert store.results().of(MEETING) == {0: "WW", 1: "WL"}


def test_sequential_test_knows_the_pairs_of_a_fair_match_and_not_the_other_way_round(store):
    tested = attrs.evolve(MEETING, sprt=True)
    store.append(MEETING, NAMES, {0: "WW"})
    store.append(tested, NAMES, {0: "LL", 1: "WL"})

    assert store.results().known(tested) == {0: "WW", 1: "WL"}
    assert store.results().known(MEETING) == {0: "WW"}


def test_processes_append_at_once_and_every_pair_is_there_once(store, monkeypatch):
    """Each process writes pairs of its own and pairs that the others write too, and dawdles between look and word."""
    monkeypatch.setattr("keisei_core.arena.store.written", lambda *given: sleep(0.001) or written(*given))
    children = []
    for number in range(4):
        child = os.fork()
        if not child:
            for opening in range(25):
                store.append(MEETING, NAMES, {opening: "WW", 100 * (number + 1) + opening: "WL"})
            os._exit(0)
        children.append(child)

    assert [os.waitpid(child, 0)[1] for child in children] == [0] * 4
    own = {100 * (number + 1) + opening: "WL" for number in range(4) for opening in range(25)}
    assert store.results().of(MEETING) == dict.fromkeys(range(25), "WW") | own
    lines = [json.loads(line) for line in store.path.read_text().splitlines()]
    assert sum(len(line["pairs"].split()) for line in lines) == 125


@pytest.mark.parametrize(
    ("spoil", "note"),
    [
        (lambda text: text + text[:40], "line 2 is no whole record and is left out"),
        (lambda text: text[:40] + "\n" + text, "line 1 is no whole record"),
        (lambda text: text.rstrip("\n") + text, "line 1 is no whole record"),
        (lambda text: text + "\n" + text, "line 2 is empty"),
        (lambda text: "\ufeff" + text, "line 1 has stray bytes beside its record"),
        (lambda text: text + 100 * "\0", "line 2 is empty"),
        (lambda text: 7 * "\0" + text, "line 1 has stray bytes"),
        (lambda text: 9 * (text + "\n"), "line 10 is empty and 4 more"),
    ],
    ids=["torn", "torn-first", "glued", "blank", "bom", "nuls", "nuls-before", "many"],
)
def test_line_that_is_no_record_is_told_of_and_the_others_count(store, spoil, note):
    store.append(MEETING, NAMES, {0: "WW"})
    store.path.write_text(spoil(store.path.read_text()))
    pairs, told = told_of(store)

    assert pairs == ({} if "ne 1 is no whole" in note and store.path.read_text().count("\n") == 1 else {0: "WW"})
    assert len(told) == 1
    assert note in told[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("x 1", "x\u20281"),
    ],
    ids=["no-end", "crlf", "u2028"],
)
def test_whole_record_is_read_without_a_word(store, spoil):
    store.append(MEETING, NAMES, {0: "WW"})
    store.path.write_bytes(spoil(store.path.read_text()).encode())

    assert [list(pairs.values()) for _, pairs in store.results().meetings()] == [["WW"]]


@pytest.mark.parametrize("torn", ['{"format": 2, "time": "2', "\0\0\0"])
def test_line_behind_a_torn_one_is_whole(store, torn):
    store.append(MEETING, NAMES, {0: "WW"})
    with store.path.open("a") as file:
        file.write(torn)
    store.warn = [].append
    store.append(MEETING, NAMES, {1: "LL"})

    assert told_of(store)[0] == {0: "WW", 1: "LL"}


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("# Games", "line 2: expected pairs that `keisei match` or `ladder` wrote, got b'# Games'; remove the line"),
        ("[1]", "line 2: expected pairs"),
        (
            '{"first": "a"}',
            r"line 2: expected pairs .*\(KeyError\('format'\)\); remove the line, or name another store",
        ),
        (("format", 1), "expected format 2, got 1"),
        (("seed", "0"), "expected int for seed, got '0'"),
        (("seed", True), "expected int for seed, got True"),
        (("sprt", 0), "expected bool for sprt, got 0"),
        (("pairs", "WW W"), "expected pairs of the letters WDLC, got 'WW W'"),
        (("pairs", ""), "expected pairs of the letters"),
        (("first", None), "expected str for first, got None"),
    ],
)
def test_what_a_store_never_writes_is_refused_with_line_and_remedy(store, line, complaint):
    store.append(MEETING, NAMES, {0: "WW"})
    text = store.path.read_text()
    if isinstance(line, tuple):
        line = json.dumps(json.loads(text) | dict([line]))
    store.path.write_text(f"{text}{line}\n{text}")
    with pytest.raises(ConfigError, match=complaint):
        store.results()
    with pytest.raises(ConfigError, match=complaint):
        store.append(MEETING, NAMES, {1: "LL"})

    assert store.path.read_text() == f"{text}{line}\n{text}"


@pytest.mark.parametrize("path", ["/dev/full", "/proc/nope/store.jsonl", "/proc/version/store.jsonl", "."])
def test_store_that_can_not_be_written_is_refused_at_once(path):
    with pytest.raises(ConfigError, match=path):
        Store(Path(path)).require_writable()


def test_append_without_room_leaves_the_store_as_it_was(store, monkeypatch):
    store.append(MEETING, NAMES, {0: "WW"})
    before = store.path.read_bytes()
    write = os.write

    def full(descriptor, data):
        if len(data) < 30:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: len(data) // 2])

    monkeypatch.setattr("keisei_core.arena.store.os.write", full)
    with pytest.raises(ConfigError, match="can't be written: No space left"):
        store.append(MEETING, NAMES, {1: "LL"})

    assert store.path.read_bytes() == before


def test_store_that_another_process_holds_is_waited_for_and_then_told(store, monkeypatch):
    store.append(MEETING, NAMES, {0: "WW"})
    monkeypatch.setattr("keisei_core.arena.store.PATIENCE_S", 0.1)
    with store.path.open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match="another process has held it"):
            store.append(MEETING, NAMES, {1: "LL"})

    assert store.append(MEETING, NAMES, {1: "LL"}) == 1
