"""What the page shows is what the run wrote."""

import json

import pytest
from written_run import HEALTHY, LOST, RUNG, SELFPLAY, WON, metrics

from keisei_core.cli import main
from keisei_core.errors import ConfigError
from keisei_core.records import Game
from keisei_plugins_report.gather import settings
from keisei_plugins_report.gather.curves import columns
from keisei_plugins_report.gather.document import document
from keisei_plugins_report.gather.games import chosen_games, turning_ply
from keisei_plugins_report.report import write_report


def gathered(*runs):
    return document(runs, asks_network=False)


def game(number, *, lost=False, update=4, opponent="random"):
    names = {"black": "mine", "white": opponent}
    return Game.of({**LOST, **names, "game": number, "update": update, "winner": "white" if lost else ""})


def test_head_tells_what_was_trained_for_how_long_and_that_it_came_to_its_end(run):
    head = gathered(run())["runs"][0]["head"]

    assert {name: head[name] for name in ("update", "updates", "plies", "planned_plies", "games", "seconds")} == {
        "update": 4, "updates": 4, "plies": 256, "planned_plies": 256, "games": 4, "seconds": 20.0,
    }  # fmt: skip
    assert head["ended_by"] == "plies"


@pytest.mark.parametrize(
    ("keys", "result", "ended"),
    [
        ("minutes = 1.0", RUNG, "minutes"),
        ("games = 2", RUNG, "games"),
        ("core_minutes = 0.5", RUNG, "core_minutes"),
        ("core_minutes = 2.0", None, ""),
        ("minutes = 1.0", None, ""),
        ("", None, ""),
    ],
)
def test_run_that_ended_early_says_what_ended_it(run, keys, result, ended):
    config = f"[run]\nplies = 999\n{keys}\n[selfplay]\ngames = 8\nrollout_plies = 8\n"

    assert gathered(run(config=config, result=result))["runs"][0]["head"]["ended_by"] == ended


def test_strength_has_a_row_for_each_rung_with_elo_and_its_interval(run):
    sure = {**RUNG, "opponent": "alphabeta", "score": 0.0, "low": 0.0, "high": 0.5, "wins": 0, "losses": 4}
    first, second = gathered(run(result={**RUNG, "rungs": [RUNG, sure]}))["runs"][0]["strength"]

    assert first["elo"] == pytest.approx(190.85, abs=0.01)  # 400 lg 3
    assert (first["elo_low"] < first["elo"] < first["elo_high"], second["elo"], second["elo_high"]) == (True, None, 0.0)
    assert (second["opponent"], second["losses"]) == ("alphabeta", 4)


def test_last_match_against_none_of_the_rungs_stands_before_them(run):
    result = {**RUNG, "opponent": "alphabeta:depth=3", "score": 0.25, "rungs": [RUNG]}

    rows = gathered(run(result=result))["runs"][0]["strength"]
    assert [(row["opponent"], row["score"]) for row in rows] == [("alphabeta:depth=3", 0.25), ("random", 0.75)]


def test_last_match_stands_alone_where_there_are_no_rungs(run):
    assert [row["score"] for row in gathered(run(result={**RUNG, "rungs": []}))["runs"][0]["strength"]] == [0.75]


def test_alarm_stands_where_the_run_warned(run):
    rows = [metrics(update, kl=0.5 if update > 5 else 0.01) for update in range(1, 21)]
    (alarm,) = gathered(run(metrics=rows))["runs"][0]["alarms"]

    assert (alarm["name"], alarm["figure"], alarm["update"], alarm["mean"]) == ("steps too large", "kl", 10, 0.255)


def test_time_that_no_stage_took_is_the_rest(run):
    assert gathered(run())["runs"][0]["time"] == {"act": 4.0, "environment": 2.0, "learn": 8.0, "rest": 6.0}


def test_long_curve_is_thinned_but_keeps_its_matches_and_its_last_update():
    rows = [metrics(update, **({"score": 0.5} if update % 14 == 0 else {})) for update in range(1, 5_001)]
    found = columns(rows)

    assert len(found["update"]) < 900
    assert found["update"][-1] == 5_000
    assert [update for update, score in zip(found["update"], found["score"], strict=True) if score is not None] == [
        update for update in range(1, 5_001) if update % 14 == 0
    ]


def test_long_curve_with_a_match_at_every_update_is_thinned_too():
    found = columns([metrics(update, score=0.5) for update in range(1, 5_001)])

    assert len(found["update"]) <= 1_001


def test_figure_that_was_not_finite_is_a_gap(run):
    rows = [metrics(1, kl=None), metrics(2)]

    assert gathered(run(metrics=rows))["runs"][0]["columns"]["kl"] == [None, HEALTHY["kl"]]


def test_lost_games_stand_first_and_self_play_last(run):
    games = gathered(run(matches=[WON, LOST]))["games"]

    assert [(found["lost"], found["first"]) for found in games] == [(True, "black"), (False, "white"), (False, "")]
    assert games[0]["values"] == [None, None, 0.25, None]
    assert games[0]["kif"]["head"].startswith("棋戦：match, rung, update 4\n手合割：平手\n先手：mine update-000004\n")
    assert games[0]["kif"]["tail"].endswith("まで4手で後手の勝ち")


def test_games_are_of_the_latest_update_and_opponents_take_turns():
    lost = [game(number, lost=True, opponent="strong") for number in range(30)] + [game(30, lost=True, opponent="weak")]
    old = [game(number, lost=True, update=1) for number in range(40, 80)]
    even = [game(number) for number in range(80, 120)]
    selfplay = [Game.of(SELFPLAY | {"update": number}) for number in range(20)]

    chosen = chosen_games([*old, *lost, *even, *selfplay], 40)

    assert [found.is_lost for found in chosen] == [True] * 24 + [False] * 16
    assert {found.update for found in chosen[:24]} == {4}
    assert [found.white for found in chosen[:3]] == ["strong", "weak", "strong"]
    assert [found.update for found in chosen if not found.first] == list(range(19, 11, -1))


@pytest.mark.parametrize(
    ("num_lost", "num_even", "num_own"), [(50, 0, 0), (0, 50, 0), (0, 0, 50), (3, 50, 2), (1, 1, 1)]
)
def test_page_is_filled_with_whatever_games_there_are(num_lost, num_even, num_own):
    games = [game(n, lost=True) for n in range(num_lost)] + [game(n) for n in range(num_even)]
    chosen = chosen_games([*games, *(Game.of(SELFPLAY) for _ in range(num_own))], 40)

    assert len(chosen) == min(num_lost + num_even + num_own, 40)


@pytest.mark.parametrize(
    ("first", "black_values", "turning"),
    [
        ("black", [0.5] * 20 + [-0.5] * 20, 19),
        ("black", [0.5] * 20 + [-0.5] * 10 + [0.9] + [-0.5] * 9, 19),  # one swing of an exchange
        ("black", [-0.1] * 40, None),
        ("white", [0.5] * 20 + [-0.5] * 20, 39),
        ("black", [None] * 40, None),
    ],
)
def test_lost_game_turned_where_its_network_thought_for_the_last_time_that_it_was_not_behind(
    first, black_values, turning
):
    winner = "white" if first == "black" else "black"
    lost = Game.of({**LOST, "first": first, "winner": winner})
    values = [None if value is None else value * (-1) ** ply for ply, value in enumerate(black_values)]

    assert turning_ply(lost, values) == turning


def test_game_that_was_not_lost_has_no_turning_point():
    assert turning_ply(Game.of(WON), [0.5, 0.5]) is None


def test_openings_are_counted_for_the_side_that_moved(run):
    tree = gathered(run())["runs"][0]["openings"]

    assert [(node["move"], node["games"], node["score"]) for node in tree] == [("7g7f", 2, 0.0), ("2g2f", 1, 0.5)]
    assert [(node["move"], node["score"]) for node in tree[0]["replies"]] == [("3c3d", 1.0)]


def test_settings_are_those_that_are_not_at_their_defaults(run):
    config = '[run]\nplies = 300\n[model]\ntower_depth = 9\n[evaluation]\nrungs = ["keisei:random"]\n'
    rows = gathered(run(config=config))["runs"][0]["settings"]

    assert {row["key"]: (row["value"], row["default"]) for row in rows} == {
        "run.plies": ("300", "250000"), "model.tower_depth": ("9", "3"), "evaluation.rungs": ("random", ""),
    }  # fmt: skip


def test_run_whose_plugin_is_gone_has_a_page_without_settings(run):
    found = gathered(run(config='[model]\nname = "gone"\n'))["runs"][0]

    assert (found["settings"], found["head"]["model"]) == (None, "gone")


def test_run_that_has_hardly_begun_has_a_page(run):
    page = write_report([run(metrics=None, matches=None, games=None, result=None)], asks_network=True)

    assert page.name == "report.html"


def test_several_runs_share_a_page_and_its_room(run):
    many = [LOST | {"game": number} for number in range(50)]
    found = gathered(run("one", matches=many), run("two", matches=many))

    assert [entry["name"] for entry in found["runs"]] == ["one", "two"]
    assert [sum(game["run"] == index for game in found["games"]) for index in (0, 1)] == [20, 20]


def test_command_writes_the_page_and_says_where(run, capsys):
    folder = run()

    assert main(["report", str(folder), "--no-network"]) == 0
    assert capsys.readouterr().out == f"report: {folder}/report.html\n"
    assert main(["report", str(folder), "--no-network", "--output", str(folder.parent / "x.html")]) == 0
    assert (folder.parent / "x.html").read_text() == (folder / "report.html").read_text()


def test_folder_that_is_no_run_is_told(tmp_path, capsys):
    assert main(["report", str(tmp_path)]) == 2
    assert "expected a run folder with config.toml in it" in capsys.readouterr().err


def test_help_page_shows_how_it_is_called(capsys):
    assert main(["report", "--help"]) == 0
    assert "keisei report runs/mine" in capsys.readouterr().out


@pytest.mark.parametrize(("file", "text"), [("result.json", "{"), ("config.toml", "["), ("matches.jsonl", "{}\n")])
def test_file_that_no_run_writes_is_named(run, file, text):
    folder = run()
    (folder / file).write_text(text)

    with pytest.raises(ConfigError, match=file):
        gathered(folder)


def test_document_is_json_without_any_folder(run):
    text = json.dumps(gathered(run()), allow_nan=False)

    assert str(run("other").parent) not in text


@pytest.mark.parametrize(
    ("home", "told"),
    [
        ("/home/me", "search:network=~/runs/a, ~, /home/me2, /mnt/home/me, /home/me-too"),
        ("", None),
        ("~", None),
    ],
)
def test_home_folder_is_left_out_where_it_begins_a_path(monkeypatch, home, told):
    monkeypatch.setattr(settings, "HOME", home)
    value = "search:network=/home/me/runs/a, /home/me, /home/me2, /mnt/home/me, /home/me-too"

    assert settings._without_home(value) == (told or value)
