"""The table at the end of a run: the trained player against players of known strength."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from keisei_core.arena import Score
from keisei_core.arena.score import score_of_pairs
from keisei_core.distribution import Single
from keisei_core.errors import CheckpointError, ConfigError, KeiseiError
from keisei_core.plugins import Choice, load_registry
from keisei_core.plugins.players import network_choice, player_text
from keisei_core.run import Training
from keisei_core.run.environment import plugin_table
from keisei_core.run.matches import Rung, last_opponent, play_rungs, rung_table
from keisei_core.run.own_matches import OwnMatches

ALONE = Single(torch.device("cpu"))
NOISY = "alphabeta:random_moves=0.7"
CONFIG = f"""
[run]
plies = 128
threads = 1
device = "cpu"

[selfplay]
games = 8
rollout_plies = 8
max_plies = 40

[learning]
minibatch = 32

[model]
tower_depth = 1
tower_width = 8

[evaluation]
final_games = 4
max_plies = 60
rungs = ["random", "{NOISY}"]
optional_rungs = ["no/such/run"]
rung_games = 6
"""


def score(wins: int) -> Score:
    return Score(wins=wins, draws=1, losses=10 - wins, truncated=2, low=0.25, high=0.75)


def result(run: Path) -> dict[str, object]:
    return json.loads((run / "result.json").read_text())


@pytest.fixture
def work(tmp_path, monkeypatch) -> Path:
    """The working folder, with the config of a run."""
    (tmp_path / "tiny.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_run_ends_with_a_row_for_each_rung_and_so_does_resume(keisei, work):
    code, said, err = keisei("run", "tiny.toml", "--run-dir", "r")
    assert code == 0, err
    last, heads, *rows, report = said.splitlines()

    assert last.startswith("score ")
    assert report == "report: r/report.html"
    assert re.split(r"  +", heads) == ["opponent", "score", "95 % interval", "W/D/L", "cut off"]
    assert [row.split()[0] for row in rows] == ["random", NOISY]
    figures = r" +\d\.\d\d +\[\d\.\d\d, \d\.\d\d\] +\d+/\d+/\d+ +\d+"
    assert all(re.fullmatch(re.escape(row.split()[0]) + figures, row) for row in rows)
    whole = result(work / "r")
    assert [(rung["opponent"], rung["games"]) for rung in whole["rungs"]] == [("random", 4), (NOISY, 6)]
    last_match = {key: value for key, value in whole.items() if key not in ("rungs", "value")}
    assert whole["rungs"][0] == last_match  # the last match, not played twice

    (work / "r" / "result.json").unlink()
    code, again, err = keisei("resume", "r")

    assert code == 0, err
    assert again == said
    assert result(work / "r") == whole


def test_table_has_the_figures_of_each_rung():
    rungs = [Rung("random", score(9)), Rung("alphabeta", score(0))]

    assert rung_table(rungs).text().splitlines() == [
        "opponent   score  95 % interval   W/D/L  cut off",
        "random      0.81   [0.25, 0.75]   9/1/1        2",
        "alphabeta   0.12   [0.25, 0.75]  0/1/10        2",
    ]


def test_each_rung_is_played_in_its_order_but_the_opponent_of_the_last_match(tiny):
    settings = tiny(
        evaluation__opponent="alphabeta:depth=1",
        evaluation__rungs=["random", "alphabeta:depth=1", NOISY],  # a default that was written
        evaluation__rung_games=40,
    )
    played = []

    def match(num_games, opponent):
        played.append((num_games, player_text(opponent)))
        return score(len(played))

    written = tuple(zip(settings.evaluation.rungs, settings.rungs, strict=True))
    rungs = play_rungs(settings, written, match, score(9), print)

    assert played == [(40, "random"), (40, "alphabeta:random_moves=0.7")]
    assert [(rung.opponent, rung.score.wins) for rung in rungs] == [("random", 1), ("alphabeta:depth=1", 9), (NOISY, 2)]
    assert last_opponent(settings, rungs[1].score, rungs) == "alphabeta:depth=1"


def test_last_match_against_none_of_the_rungs_names_its_opponent_with_its_options(tiny):
    settings = tiny(evaluation__opponent="alphabeta:depth=3", evaluation__rungs=["random"])

    assert last_opponent(settings, score(9), [Rung("random", score(9))]) == "alphabeta:depth=3"


def test_match_is_played_against_the_opponent_that_is_asked_for(tiny, monkeypatch):
    training, built = Training(tiny(evaluation__rungs=[NOISY]), ALONE), []
    build = training.matches._player
    monkeypatch.setattr(training.matches, "_player", lambda choice: built.append(player_text(choice)) or build(choice))

    training.matches.play(2, opponent=training.settings.rungs[0])
    training.matches.play(2)

    assert built == ["alphabeta:random_moves=0.7", "random"]


def test_match_is_shown_game_by_game_and_foretells_those_at_the_end(tiny):
    training = Training(tiny(evaluation__rungs=["random", NOISY], evaluation__final_games=4), ALONE)
    shown = []
    training.matches.times.show = lambda course: shown.append((course.title, course.num_ended, course.num_games))
    assert training.outlook().finishing_s is None

    training.matches.play(2, opponent=training.settings.rungs[1])
    training.matches.play(2)

    noisy = "alphabeta:random_moves=0.7"
    assert shown == [(name, ended, 2) for name in (noisy, "random") for ended in range(3)]
    assert training.matches.num_final_games == 4 + training.settings.evaluation.rung_games  # random is the last match's
    seconds, games = training.matches.times.seconds, training.matches.times.num_games
    assert games == 4
    assert training.outlook().finishing_s == pytest.approx(seconds / games * training.matches.num_final_games)


class SecondOfTwo(Single):
    """Rank 1 beside a rank 0 that says one thing after another."""

    rank, world_size = 1, 2

    def __init__(self, *said: object) -> None:
        super().__init__(torch.device("cpu"))
        self.said = list(said)

    def gather(self, data: bytes) -> list[bytes]:
        self.told = json.loads(data)
        return []

    def broadcast(self, data: bytes) -> bytes:
        return json.dumps(self.said.pop(0)).encode()


FINE: dict[str, object] = {}
"""What rank 0 says when what it tried went well."""


def test_opponents_are_tried_and_let_go(tiny, monkeypatch):
    tried, held = [], []

    class Engine:
        def __init__(self, choice: Choice) -> None:
            tried.append(player_text(choice))
            held.append(self)

        def close(self) -> None:
            held.remove(self)

    monkeypatch.setattr(OwnMatches, "_player", lambda _, choice: Engine(choice))

    OwnMatches(tiny(evaluation__rungs=["alphabeta"], evaluation__optional_rungs=[NOISY]), None, ALONE, None)

    assert tried == ["random", "alphabeta", "alphabeta:random_moves=0.7"]
    assert held == []


def test_opponent_that_rank_0_can_not_build_ends_the_others_alike(tiny):
    with pytest.raises(KeiseiError, match="no such engine") as caught:
        OwnMatches(tiny(), None, SecondOfTwo({"problem": "no such engine", "code": 3}), None)

    assert caught.value.exit_code == 3


def test_run_with_a_rung_that_only_rank_0_can_read_begins_on_the_others(tiny, tmp_path):
    Training(tiny(evaluation__rungs=[str(tmp_path / "gone")]), SecondOfTwo(FINE))


def test_optional_rung_that_can_be_built_follows_the_others_and_one_that_cannot_is_left_out(tiny, tmp_path):
    gone = str(tmp_path / "gone")

    matches = Training(tiny(evaluation__rungs=["random"], evaluation__optional_rungs=[gone, NOISY]), ALONE).matches

    assert [player_text(rung) for _, rung in matches.rungs] == ["random", NOISY]
    assert list(matches.left_out) == [gone]
    assert "expected a run folder, a checkpoint or an exported network" in matches.left_out[gone]


def test_optional_rung_that_is_left_out_is_left_out_by_all_processes(tiny):
    second = SecondOfTwo(FINE, {NOISY: "rank 0 has none"})

    matches = Training(tiny(evaluation__optional_rungs=["random", NOISY]), second).matches

    assert [player_text(rung) for _, rung in matches.rungs] == ["random"]


def test_opponent_that_only_rank_0_can_read_is_played_by_rank_0_alone(tiny, tmp_path, monkeypatch):
    training = Training(tiny(), ALONE)
    gone = network_choice(tmp_path / "gone", load_registry(), 0.5)

    with pytest.raises(CheckpointError, match="gone"):
        training.matches.play(2, opponent=gone)
    training.matches.backend = other = SecondOfTwo([{"0": "WL"}, {}])
    score = training.matches.play(4, opponent=gone)

    assert (other.told, score) == ({}, score_of_pairs(["WL"]))


def test_rungs_have_their_options_apart_from_the_opponents(tiny):
    settings = tiny(evaluation__opponent="alphabeta:depth=3", evaluation__rungs=["alphabeta:depth=2", "alphabeta"])

    assert settings.opponent.options.depth == 3
    assert [rung.options.depth for rung in settings.rungs] == [2, 1]
    full = "keisei-plugins-players:alphabeta"
    assert settings.to_document()["evaluation"]["rungs"] == [f"{full}:depth=2", full]


def test_plugin_of_a_rung_is_written_down_once(tiny):
    rows = plugin_table(tiny(evaluation__rungs=["random", "alphabeta", NOISY]))

    players = [(row["name"], row["distribution"]) for row in rows if row["kind"] == "player"]
    assert players == [("random", "keisei"), ("alphabeta", "keisei-plugins-players")]


@pytest.mark.parametrize(
    ("rungs", "complaint"),
    [
        (["random", "alphabet"], r"\[evaluation\] unknown player 'alphabet'; did you mean 'alphabeta'"),
        (["alphabeta:dept=2"], r"\[evaluation\] player 'alphabeta:dept=2': unknown key 'dept'"),
        (["random", ""], "got an empty text"),
        (["random", "random"], "rungs must each stand once"),
        ("random", "rungs must be a list"),
    ],
)
def test_wrong_rung_is_refused_before_anything_is_built(tiny, rungs, complaint):
    with pytest.raises(ConfigError, match=complaint):
        tiny(evaluation__rungs=rungs)


def test_rung_without_its_network_is_refused_before_training(tiny, tmp_path):
    with pytest.raises(CheckpointError, match="nothing there"):
        Training(tiny(evaluation__rungs=[str(tmp_path / "gone")]), ALONE)


@pytest.mark.parametrize("command", ["check", "run"])
def test_rung_of_a_plugin_that_takes_no_part_is_told(keisei, work, command):
    (work / "tiny.toml").write_text(CONFIG + '[plugins]\ndisable = ["keisei-plugins-players"]\n')

    code, _, err = keisei(command, "tiny.toml")

    assert code in (2, 3)
    assert "alphabeta" in err
    assert not (work / "runs").exists()


STOPPED_IN_A_RUNG = """
import os, signal, sys
import keisei_core.run.commands as commands
play = commands.play_rungs
def ask_to_stop_and_play(*given):
    os.kill(os.getpid(), signal.SIGTERM)
    return play(*given)
commands.play_rungs = ask_to_stop_and_play
from keisei_core.cli import main
sys.exit(main())
"""


def test_signal_in_a_rung_ends_with_0_and_leaves_the_matches_to_resume(keisei, work):
    command = [sys.executable, "-c", STOPPED_IN_A_RUNG, "run", "tiny.toml", "--run-dir", "r"]

    stopped = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=300, check=False)

    assert stopped.returncode == 0, stopped.stderr
    assert f"playing the rung {NOISY}" in stopped.stderr
    assert "the last match and the rungs are left to: keisei resume r" in stopped.stderr
    assert stopped.stdout == ""
    assert not (work / "r" / "result.json").exists()
    code, _, err = keisei("resume", "r")
    assert code == 0, err
    assert [rung["games"] for rung in result(work / "r")["rungs"]] == [4, 6]
