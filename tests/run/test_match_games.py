"""Games of a run's matches: which are kept, when they are written, how many there are at most."""

import json
from contextlib import closing

import numpy as np
import pytest
import torch

from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.score import outcomes_of, score_of_pairs
from keisei_core.distribution import Single
from keisei_core.errors import StoppedError
from keisei_core.run import Training, match_games
from keisei_core.run.folder import RunFolder
from keisei_core.run.loop import Loop
from keisei_core.run.match_games import MatchGames, Occasion, kept_records
from keisei_core.run.progress import NoProgress
from keisei_core.run.stop import StopRequest
from keisei_core.run.tracking import Trackers
from keisei_core.shogi import Ending

ALONE = Single(torch.device("cpu"))
NO_ACTIONS = np.zeros(0, np.int16)


def finished(number: int, points: float) -> FinishedGame:
    """A game of no moves, which the first player began."""
    return FinishedGame(
        number=number,
        points=points,
        ending=Ending.MAX_PLIES if points == 0.5 else Ending.MATE,
        first_is_black=True,
        opening_plies=0,
        actions=NO_ACTIONS,
        values=np.zeros(0, np.float32),
    )


class FirstOfTwo(Single):
    """Rank 0 beside a rank 1 that has kept game 1, which it won, and 2, which it lost."""

    world_size = 2

    def gather(self, data):
        others = kept_records([finished(1, 1.0), finished(2, 0.0)], "a", "b", 9, ALONE)
        return [data, json.dumps(others).encode()]


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def written(path, numbers, *, most=9, occasion=Occasion.TRAINING, update=1):
    games = MatchGames(path, most)
    games.begin(update)
    games.add([{"game": number} for number in numbers], occasion, update)
    games.write()


@pytest.fixture
def loop(tiny, tmp_path):
    """A run of two updates, with a match after each."""

    def make(**changes) -> Loop:
        keys = {"run__plies": 128, "evaluation__every_updates": 1, "selfplay__max_plies": 9} | changes
        training = Training(tiny(**keys), ALONE)
        folder = RunFolder.create(tmp_path / "r")
        return Loop(training, folder, Trackers((), folder.path, print), NoProgress(), StopRequest())

    return make


def test_lost_games_are_kept_before_others_and_all_in_their_order():
    games = [finished(0, 1.0), finished(1, 0.5), finished(2, 1.0), finished(3, 0.0), finished(4, 0.0)]

    assert [record["game"] for record in kept_records(games, "a", "b", 4, ALONE)] == [0, 1, 3, 4]
    assert [record["game"] for record in kept_records(games, "a", "b", 1, ALONE)] == [3]
    assert kept_records(games, "a", "b", 0, ALONE) == []


def test_games_of_all_processes_are_kept_on_rank_0():
    games = [finished(0, 1.0), finished(3, 1.0)]

    found = kept_records(games, "a", "b", 2, FirstOfTwo(torch.device("cpu")))

    assert [record["game"] for record in found] == [0, 2]


def test_match_of_a_run_is_kept_with_what_its_network_thought(loop):
    made = loop(evaluation__games=4, tracking__match_games=3)
    with closing(made.folder):
        assert made.run()
        score = made.match(Occasion.LAST, 4)
        finished_games = made.training.matches._games
        made.match_games.write()

    kept = lines(made.folder.matches)
    assert [(game["update"], game["match"]) for game in kept[-3:]] == [(2, "last")] * 3
    assert {(game["update"], game["match"]) for game in kept[:-3]} == {(1, "training"), (2, "training"), (2, "best")}
    assert score == score_of_pairs([outcomes_of(finished_games[:2]), outcomes_of(finished_games[2:])])
    game, source = kept[-1], finished_games[kept[-1]["game"]]
    names = {game["first"]: "r update-000002", ({"black", "white"} - {game["first"]}).pop(): "random"}
    assert {"black": game["black"], "white": game["white"]} == names
    told = [ply for ply, value in enumerate(game["values"]) if value is not None]
    begin = game["opening_plies"]
    mine = begin if source.first_is_black == (begin % 2 == 0) else begin + 1
    assert told == list(range(mine, len(game["moves"]), 2))


def test_update_that_is_not_logged_leaves_no_games(loop, monkeypatch):
    made = loop(evaluation__games=2)

    def stopped(metrics):
        raise StoppedError("asked to stop during a match that a callback plays")

    monkeypatch.setattr(made, "_with_callbacks", stopped)
    with closing(made.folder):
        assert not made.run()

    assert not made.folder.matches.exists()


def test_resumed_run_plays_matches_of_later_updates_and_of_the_end_again(tmp_path):
    path = tmp_path / "matches.jsonl"
    written(path, [0, 1], update=2)
    written(path, [2], update=3)
    written(path, [3], update=2, occasion=Occasion.LAST)
    path.write_text(path.read_text() + '{"torn')

    MatchGames(path, 9).begin(2)

    assert [game["game"] for game in lines(path)] == [0, 1]


def test_oldest_games_leave_a_file_that_is_full(tmp_path, monkeypatch):
    monkeypatch.setattr(match_games, "MOST_GAMES", 10)
    path = tmp_path / "matches.jsonl"

    written(path, range(11))
    assert len(lines(path)) == 11
    written(path, [11])

    assert [game["game"] for game in lines(path)] == list(range(2, 12))
