"""The stream of events tells what a run writes, in the order in which it comes, and every page gets all of it."""

import json
from contextlib import contextmanager
from time import monotonic

import pytest
from holder import holding, said
from serving import WAIT_S
from watched_files import CONFIG, FIRST, RESULT, SECOND, append, begin, metrics, selfplay

from keisei_plugins_watch.live import feed, followed_run, part
from keisei_plugins_watch.live.part import watching


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(feed, "INTERVAL_S", 0.05)
    monkeypatch.setattr(feed, "SHARE", 0)
    monkeypatch.setattr(part, "INTERVAL_S", 0.05)


class Follower:
    """A page: it puts what comes into its document."""

    def __init__(self, response):
        self.response = response
        self.document = {}

    def until(self, path, value):
        """Reads events until a place in the document has a value."""
        while self.at(path) != value:
            self.take(self.event())

    def at(self, path):
        found = self.document
        for name in path.split("."):
            found = found.get(name, {})
        return found

    def event(self):
        deadline_s = monotonic() + WAIT_S
        while not (line := self.response.readline().decode()).startswith("data: "):
            assert line, "the stream ended"
            assert monotonic() < deadline_s, f"nothing came, and this is all: {self.document}"
        return json.loads(line.removeprefix("data: "))["changes"]

    def take(self, changes):
        for place, value in changes:
            *above, last = map(str, place)
            found = self.document
            for name in above:
                found = found.setdefault(name, {})
            found[last] = value


@contextmanager
def following(served):
    connection = served.connection()
    headers = served.own(Origin=None)
    try:
        connection.request("GET", "/api/events", headers=headers)
        yield Follower(connection.getresponse())
    finally:
        connection.close()


def test_events_follow_a_run_from_before_it_begins_to_its_end(serve, tmp_path):
    run = tmp_path / "mine"
    run.mkdir()
    with following(serve(watching(run))) as page:
        page.until("course.state", "waiting")
        assert page.at("runs.0.name") == "mine"
        with holding(run):
            begin(run)
            page.until("course.state", "training")
            page.until("runs.0.head.update", 2)
            assert page.at("runs.0.columns")["plies"] == [64, 128]
            append(run / "games.jsonl", selfplay(3, SECOND))
            append(run / "metrics.jsonl", metrics(3), end="")
            page.until("games", [*page.at("games")])
            append(run / "metrics.jsonl", end="\n")
            page.until("runs.0.head.update", 3)
            assert [game["moves"] for game in page.at("games")] == [SECOND, FIRST]
            append(run / "metrics.jsonl", metrics(4))
            page.until("course.state", "matches")
        (run / "result.json").write_text(json.dumps(RESULT))
        page.until("course.state", "ended")
        assert page.at("runs.0.strength")[0]["wins"] == 3


def test_only_what_changed_is_told_and_a_page_that_comes_late_gets_all(serve, tmp_path):
    run = begin(tmp_path / "mine")
    served = serve(watching(run))
    with following(served) as first:
        first.until("course.state", "stopped")
        append(run / "metrics.jsonl", metrics(3))
        changes = first.event()
        places = {".".join(map(str, place)) for place, _ in changes}
        assert "runs.0.columns" in places
        assert places.isdisjoint({"games", "runs.0.name", "runs.0.settings", "runs.0.openings"})
        first.take(changes)
        with following(served) as second:
            second.until("runs.0.head.update", 3)
            assert second.document == first.document


def test_run_that_is_resumed_loses_the_updates_that_are_made_again(serve, tmp_path):
    run = begin(tmp_path / "mine")
    append(run / "metrics.jsonl", metrics(3))
    with following(serve(watching(run))) as page:
        page.until("runs.0.head.update", 3)
        (run / "cut").write_text("".join((run / "metrics.jsonl").read_text().splitlines(keepends=True)[:2]))
        (run / "cut").replace(run / "metrics.jsonl")
        page.until("runs.0.head.update", 2)
        assert page.at("runs.0.columns")["update"] == [1, 2]


def test_folder_that_vanishes_leaves_what_it_held_and_may_come_back(serve, tmp_path):
    run = begin(tmp_path / "mine")
    with following(serve(watching(run))) as page:
        page.until("course.state", "stopped")
        run.rename(tmp_path / "elsewhere")
        page.until("course.state", "gone")
        assert page.at("runs.0.head.update") == 2
        (tmp_path / "elsewhere").rename(run)
        page.until("course.state", "stopped")


def test_what_can_not_be_read_is_told_until_it_can(serve, tmp_path):
    run = begin(tmp_path / "mine")
    with following(serve(watching(run))) as page:
        page.until("problem", "")
        (run / "config.toml").write_text("[run")
        while "config.toml" not in page.at("problem"):
            page.take(page.event())
        assert page.at("runs.0.head.update") == 2
        (run / "config.toml").write_text(CONFIG)
        page.until("problem", "")


def test_long_run_shows_its_newest_games_and_all_its_updates(serve, tmp_path, monkeypatch):
    monkeypatch.setattr(followed_run, "MOST_GAMES", 2)
    run = begin(tmp_path / "mine")
    append(run / "games.jsonl", selfplay(2, SECOND), selfplay(2, SECOND))
    with following(serve(watching(run))) as page:
        page.until("course.state", "stopped")
        for update in (3, 4):
            append(run / "games.jsonl", selfplay(update, FIRST))
            append(run / "metrics.jsonl", metrics(update))
            page.until("runs.0.head.update", update)
        assert [game["update"] for game in page.at("games")] == [4, 3]
        assert [(reply["move"], reply["games"]) for reply in page.at("runs.0.openings")] == [(FIRST[0], 2)]
        assert page.at("runs.0.columns")["update"] == [1, 2, 3, 4]


def test_game_that_can_not_have_been_is_told(serve, tmp_path):
    run = begin(tmp_path / "mine")
    append(run / "games.jsonl", selfplay(3, ["1a1b"]))
    with following(serve(watching(run))) as page:
        page.take(page.event())
        assert "expected legal moves" in page.at("problem")


def test_stop_asks_the_process_of_the_run_and_nobody_else(serve, tmp_path):
    run = begin(tmp_path / "mine")
    served = serve(watching(run))
    assert json.loads(served.ask("POST", "/api/stop").body) == {"pid": 0, "phase": "none"}
    with holding(run) as process:
        assert served.ask("POST", "/api/stop", Authorization=None).status == 403
        assert served.ask("GET", "/api/stop").status == 405
        assert json.loads(served.ask("POST", "/api/stop").body) == {"pid": process.pid, "phase": "ready"}
        said(process, "asked")


def test_server_ends_while_a_page_follows(serve, tmp_path):
    served = serve(watching(begin(tmp_path / "mine")))
    with following(served) as page:
        page.event()
        served.stop()
        assert page.response.read() is not None
