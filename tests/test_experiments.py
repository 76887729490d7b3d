"""The experiments' recipes are configs that run: every variant is read with the plugins that are installed."""

import importlib.util
import json
import math
import re
import shutil
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType, SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest

from keisei_core.arena import find_network
from keisei_core.plugins import read_settings
from keisei_core.scoreboard import Stop
from keisei_core.shogi import Branches, parse_sfen, usi_to_action
from keisei_plugins_search.mate_search import prove_mates

ROOT = Path(__file__).parents[1]
EXPERIMENTS = ROOT / "experiments"
sys.path.append(str(EXPERIMENTS))


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXPERIMENTS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


NAMES = (
    *("ablation", "distill", "external_ladder", "gate", "long_run", "recipe_search"),
    *("search_strength", "search_trial", "command", "puzzles"),
)
ABLATION, DISTILL, EXTERNAL_LADDER, GATE, LONG_RUN, RECIPE_SEARCH, SEARCH_STRENGTH, SEARCH_TRIAL, COMMAND, PUZZLES = (
    map(load, NAMES)
)


@pytest.mark.parametrize("variant", ABLATION.VARIANTS)
def test_every_variant_of_the_ablation_is_a_config_that_differs_from_the_recipe(variant):
    recipe = read_settings(ABLATION.RECIPE)
    changed = read_settings(ABLATION.RECIPE, list(ABLATION.VARIANTS[variant].items()))
    assert (changed == recipe) == (variant == "recipe")
    updates = changed.run.plies // (changed.selfplay.games * changed.selfplay.rollout_plies)
    assert changed.evaluation.every_updates <= updates
    assert not changed.selfplay.pool_share or changed.selfplay.pool_every_updates < updates


@pytest.mark.parametrize("model", GATE.MODELS)
def test_both_networks_of_the_gate_train_by_its_recipe(model):
    options = {f"model.{key}": value for key, value in GATE.MODELS[model].items()}
    settings = read_settings(EXPERIMENTS / "gate" / "recipe.toml", list(options.items()))
    assert settings.model.name == GATE.MODELS[model]["name"]


@pytest.mark.parametrize("pupil", DISTILL.PUPILS)
def test_every_pupil_of_the_distillation_trains_by_its_recipe(pupil):
    network = {"teaching.distill.network": "runs/teacher"}
    settings = read_settings(DISTILL.RECIPE, list({**DISTILL.PUPIL, **network, **DISTILL.PUPILS[pupil]}.items()))
    assert settings.model.name == "resnet"
    assert [choice.name for choice in settings.teachers] == ([] if pupil == "PPO alone" else ["distill"])


@pytest.mark.parametrize("variant", SEARCH_TRIAL.VARIANTS)
def test_every_variant_of_the_search_trial_is_a_config_that_differs_from_the_recipe(variant, tmp_path):
    recipe = SEARCH_TRIAL.recipe_of(variant, tmp_path / "run")
    changed = read_settings(recipe, [*SEARCH_TRIAL.VARIANTS[variant].items(), ("run.minutes", 5.0)])
    assert (changed == read_settings(SEARCH_TRIAL.RECIPE, [("run.minutes", 5.0)])) == (variant == "recipe")
    assert changed.run.threads == 1
    assert changed.evaluation.every_updates == 0


def test_the_table_of_the_search_trial_has_means_and_errors_of_the_seeds():
    names = (*SEARCH_TRIAL.OPPONENTS, SEARCH_TRIAL.AGAINST_RECIPE, SEARCH_TRIAL.VALUE)
    runs = [{**dict.fromkeys(names, score), "plies": 1000, SEARCH_TRIAL.CORE_MINUTES: 4.25} for score in (0.5, 0.7)]
    lines = SEARCH_TRIAL.table({"from nothing": {"recipe": runs}}).splitlines()
    assert lines[0] == "Trained from nothing:"
    assert lines[4] == "| recipe |" + " 0.600 ± 0.100 |" * 5 + " 1,000 | 4.2 |"


def test_core_seconds_of_the_search_trial_add_up_over_runs_that_were_stopped(tmp_path, monkeypatch):
    def stopped(*_):
        clock[0] += 30.0
        raise SystemExit(75)

    clock = [100.0]
    monkeypatch.setattr(SEARCH_TRIAL, "core_seconds", lambda: clock[0])
    monkeypatch.setattr(SEARCH_TRIAL, "train", stopped)
    for _ in range(2):
        with pytest.raises(SystemExit):
            SEARCH_TRIAL.train_variant(tmp_path, "from nothing", "recipe", 0, 5.0)

    assert SEARCH_TRIAL.used_before(tmp_path / "from-nothing" / "recipe-0.core-seconds.txt") == 60.0


def test_matches_of_the_search_trial_are_kept_by_their_number_of_games(tmp_path, monkeypatch):
    folder, played = tmp_path / "run", []
    folder.mkdir()
    (folder / "metrics.jsonl").write_text(json.dumps(dict.fromkeys(SEARCH_TRIAL.FIGURES, 1)), encoding="utf-8")
    value = {"first": {"value": {"log_loss": 0.5}, "material": {"log_loss": 0.75}}}

    def match_of(one, other, games, seed):
        played.append(games)
        return {"score": 0, "value": value}

    monkeypatch.setattr(SEARCH_TRIAL, "match_of", match_of)
    for games in (4, 4, 8):
        found = SEARCH_TRIAL.measured(folder, folder, games)

    matches = len(SEARCH_TRIAL.OPPONENTS) + 1
    assert played == [4] * matches + [8] * matches
    assert found[SEARCH_TRIAL.VALUE] == -0.25


def test_the_search_strength_of_another_network_is_not_taken_for_this_ones(tmp_path, monkeypatch):
    played, kept = pretended_matches(monkeypatch, score=0.5)
    for network in ("first", "second"):
        words = ["--network", network, "--simulations", "8", "--games", "4", "--out", str(tmp_path)]
        monkeypatch.setattr(sys, "argv", ["search_strength.py", *words])
        SEARCH_STRENGTH.main()

        rated = kept(tmp_path)["ratings"]
        assert rated == ({} if network == "first" else {"8": {"elo": 9.0, "elo_low": 8.0, "elo_high": 10.0}})

    assert len(kept(tmp_path)["cells"]) == 5
    second = "search:network=second,simulations=8,algorithm=puct"
    assert [one for one, *_ in played] == [second.replace("second", "first")] * 5 + [second] * 5


@pytest.mark.parametrize(("score", "games"), [(0.5, [60, 200]), (1.0, [60])])
def test_cells_of_the_search_strength_have_more_games_where_a_few_leave_open_who_is_better(
    tmp_path, monkeypatch, score, games
):
    played, _ = pretended_matches(monkeypatch, score=score)
    words = ["--simulations", "8", "--games", "200", "--out", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["search_strength.py", *words])
    SEARCH_STRENGTH.main()
    assert [number for _, other, number in played if other == "alphabeta:depth=2"] == games


def test_the_search_strength_says_what_each_doubling_gains():
    rows = {count: {"elo": 10.0 * count} for count in (0, 8, 16, 64)} | {32: {"elo": None}, 128: {"elo": 700.0}}
    assert SEARCH_STRENGTH.doublings(rows) == "8 to 16 +80, 64 to 128 +60"


def pretended_matches(monkeypatch, score):
    played = []

    def match_of(one, other, games, *_):
        played.append((one, other, games))
        return dict.fromkeys((*SEARCH_STRENGTH.KEPT, *SEARCH_STRENGTH.ELO), score) | {"games": games, "first": one}

    rated = {
        "player": "search:network=second,simulations=8,algorithm=puct",
        "elo": 9.0,
        "elo_low": 8.0,
        "elo_high": 10.0,
    }
    monkeypatch.setattr(SEARCH_STRENGTH, "match_of", match_of)
    monkeypatch.setattr(SEARCH_STRENGTH, "keisei", lambda *_: json.dumps({"players": [rated]}))

    def kept(folder):
        return json.loads((folder / "search_strength-puct.json").read_text(encoding="utf-8"))

    return played, kept


@pytest.mark.parametrize("decay", [0.0, 0.9, 1.0])
def test_value_steps_teach_lambda_returns_of_each_game_alone(decay):
    # The first game has three plies, the second two; rows lie ply by ply, -1 where a game is over.
    steps = load("value_steps")
    plies = steps.Plies(
        positions=None, row=np.array([[0, 1], [2, 3], [4, -1]]), result=np.array([1, -1, -1, 1, 1], np.float32)
    )
    value = np.array([0.1, 0.2, 0.3, 0.4, 0.5], np.float32)

    def target(rows):
        if len(rows) == 1:
            return 1.0
        return -steps.GAMMA * ((1 - decay) * value[rows[1]] + decay * target(rows[1:]))

    wanted = [target([0, 2, 4]), target([1, 3]), target([2, 4]), target([3]), target([4])]
    assert plies.returns(value, decay) == pytest.approx(wanted)
    assert plies.game.tolist() == [0, 1, 0, 1, 0]


def test_the_longer_run_has_two_cores():
    assert read_settings(EXPERIMENTS / "long_run" / "recipe.toml").run.threads == 2


def test_files_beside_folders_whose_names_have_dots_are_kept_apart():
    paths = {COMMAND.beside(Path(f"old-tuning-{rate:g}"), "match.json") for rate in GATE.LEARNING_RATES}
    assert len(paths) == len(GATE.LEARNING_RATES)


def test_the_table_of_the_ablation_says_what_a_variant_is_worth():
    def runs(finals: list[float]) -> list[dict[str, object]]:
        other = {"plies": [1], "scores": [0.5], "seconds": 1.0, "mean_game_plies": 100.0}
        return [{"final": final, "explained_variance": 0.5, **other} for final in finals]

    lines = ABLATION.table({"recipe": runs([0.5, 0.7]), "worse": runs([0.2, 0.2])}).splitlines()
    assert lines[2].startswith("| recipe | **0.600** (0.500, 0.700) |")
    assert lines[3].startswith("| worse | **0.200** (0.200, 0.200) | -0.400 ± 0.100 | 0.250 |")


RESULTS = ROOT / "docs" / "results"
SEARCHED_RECIPES = RECIPE_SEARCH.Results(RESULTS / "recipe_search.jsonl", RECIPE_SEARCH.RECIPE)
BEGUN_STUDIES = [*RECIPE_SEARCH.begun(RECIPE_SEARCH.studies(RECIPE_SEARCH.STUDIES), SEARCHED_RECIPES)]
CHARTS = (
    {
        RESULTS / "ablation.svg": lambda: ABLATION.chart(read(RESULTS / "ablation.json")),
        RESULTS / "search_strength-puct.svg": lambda: SEARCH_STRENGTH.chart(
            read(RESULTS / "search_strength-puct.json")
        ),
    }
    | {
        RESULTS / run / "curve.svg": lambda run=run: LONG_RUN.chart(read(RESULTS / run / "curve.json")["points"])
        for run in ("long_run", "long_run_4x64")
    }
    | {
        RESULTS / f"recipe_search-{study.name}.svg": lambda study=study: RECIPE_SEARCH.picture(study, SEARCHED_RECIPES)
        for study in BEGUN_STUDIES
    }
)
MOST_BYTES = 20_000
SVG = "{http://www.w3.org/2000/svg}"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.name)
def test_chart_of_the_results_is_drawn_from_their_figures(path):
    assert CHARTS[path]() == path.read_text(encoding="utf-8")


def test_every_picture_of_the_results_is_a_chart_of_these():
    assert [path for path in RESULTS.rglob("*") if path.suffix in {".png", ".svg"} and path not in CHARTS] == []


@pytest.mark.parametrize("path", CHARTS, ids=lambda path: path.name)
def test_chart_is_small_told_in_words_and_has_a_ground(path):
    root = ElementTree.fromstring(path.read_bytes())

    assert path.stat().st_size < MOST_BYTES
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text
    assert re.search(r"\d", root.find(f"{SVG}desc").text)
    ground = root.find(f"{SVG}rect")
    assert (ground.get("width"), ground.get("height")) == (root.get("width"), root.get("height"))
    assert ground.get("fill") == "#ffffff"


def test_chart_of_the_ablation_has_every_change_sorted_by_what_it_does():
    rows = [node.text for node in ElementTree.fromstring((RESULTS / "ablation.svg").read_bytes()).iter(f"{SVG}text")]
    told = dict(
        re.findall(r"^\| (.+?) \| \*\*.*?\| ([+-]\d\.\d+) ±", (RESULTS / "ablation-table.md").read_text(), re.M)
    )
    drawn = [row for row in rows if row in told]

    assert set(drawn) == set(told)
    assert [float(told[name]) for name in drawn] == sorted(map(float, told.values()), reverse=True)


def test_effects_of_the_ablation_are_taken_seed_by_seed():
    results = {"recipe": finals(0.5, 0.7, 0.6), "same": finals(0.5, 0.7, 0.6), "even": finals(0.6, 0.8, 0.7)}

    (first, gain, spread), (second, nothing, none) = ABLATION.effects(results)

    assert (first, second) == ("even", "same")
    assert (gain, spread) == (pytest.approx(0.1), pytest.approx(0.0))
    assert (nothing, none) == (0, 0)


def finals(*scores):
    return [{"final": score} for score in scores]


def long_run_point(minutes, elo, /, **changed):
    """A point of the curve as two ways to play have it."""
    match = {"games": 40, "score": 0.25, "score_low": 0.125, "score_high": 0.4375}
    tasks = dict(zip(PUZZLES.FIGURES, (50, 40, 20, 5, 1000, 30), strict=True))
    policy = {"matches": {"usi:x": match}, "puzzles": tasks, "elo": elo, "elo_low": elo - 50, "elo_high": elo + 50}
    ahead = {**policy, "matches": {}, "puzzles": {}, "elo": None}
    players = {LONG_RUN.POLICY: policy, LONG_RUN.AHEAD: {**ahead, **changed}}
    return {"update": 1, "plies": 4_096, "games": 30, "core_minutes": minutes, "players": players}


def test_table_of_the_long_run_has_scores_and_puzzles_and_says_nothing_of_what_was_not_measured():
    lines = LONG_RUN.page([long_run_point(2.5, 1_500), long_run_point(340.0, 2_900)]).splitlines()

    assert lines[0] == "# The longer run: 340 core-minutes"
    heads = [line.split(" | ")[3:] for line in lines if line.startswith("| core")]
    tasks = ["mates in one", "mates in three", "moves leaving 5 hanging |"]
    assert heads == [["Elo above random", "usi:x", *tasks], ["Elo above random", *tasks]]
    assert (
        "| 2.5 | 4,096 | 30 | 1500 [1450, 1550] | 0.250 [0.12, 0.44] of 40 | 80.0 % of 50 | 25.0 % of 20"
        " | 3.0 % of 1,000 |"
    ) in lines
    assert "| 340.0 | 4,096 | 30 |  |  |  |  |" in lines


def test_chart_of_the_long_run_holds_all_its_points():
    rows = [
        long_run_point(2.5, 1_500, elo=1_900),
        long_run_point(340.0, 2_900, elo=3_350, elo_low=3_300, elo_high=3_400),
    ]

    assert [mark for _, mark in LONG_RUN.minutes_axis(rows).marks] == ["2", "5", "10", "20", "50", "100", "200", "400"]
    root = ElementTree.fromstring(LONG_RUN.chart(rows))
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert {"1,200", "3,600", "policy", "simulations=128", "mates in three"} <= set(words)
    assert [word for word in words if word.startswith("share")] == ["share, policy"]
    assert "policy from 1500 to 2900, simulations=128 from 1900 to 3350" in root.find(f"{SVG}desc").text


def stop_at(path):
    return Stop(path=path, update=50, plies=1, core_minutes=1.0)


def test_checkpoint_of_the_long_run_is_known_by_its_weights_and_how_it_plays(tmp_path):
    network = RESULTS / "long_run" / "network"
    shutil.copytree(network, tmp_path / "moved")

    def identities(path):
        texts = [LONG_RUN.text_of(stop_at(path), player) for player in (LONG_RUN.POLICY, LONG_RUN.AHEAD)]
        return [LONG_RUN.identity_of(LONG_RUN.resolved(text)) for text in texts]

    policy, ahead = identities(network)
    assert LONG_RUN.text_of(stop_at(network), LONG_RUN.POLICY) == "../../docs/results/long_run/network"
    assert find_network(network).digest in policy
    assert policy != ahead
    assert identities(tmp_path / "moved") == [policy, ahead]
    assert identities(RESULTS / "gate" / "new")[0] != policy


def test_checkpoint_of_the_long_run_is_measured_once_and_anew_by_other_weights_games_or_engines(tmp_path, monkeypatch):
    played = []
    monkeypatch.setattr(LONG_RUN, "of_player", lambda _text, rungs, games, _store: played.append((games, rungs)))
    monkeypatch.setattr(LONG_RUN, "missing", lambda _: dict.fromkeys(EXTERNAL_LADDER.RUNGS[2:]))
    shutil.copytree(RESULTS / "long_run" / "network", run := tmp_path / "update-000050")

    def again(games=40):
        before = len(played)
        LONG_RUN.measured(tmp_path, stop_at(run), dict.fromkeys(LONG_RUN.RUNGS, games), tmp_path / "store.jsonl")
        return len(played) - before

    assert [again(), again(), again(games=100), again()] == [2, 0, 2, 0]
    assert played[0] == (40, [])
    monkeypatch.setattr(LONG_RUN, "missing", lambda _: {})
    assert [again(), again()] == [2, 0]
    assert played[-1] == (40, list(LONG_RUN.RUNGS[LONG_RUN.AHEAD]))
    shutil.rmtree(run)
    shutil.copytree(RESULTS / "gate" / "new", run)
    assert [again(), again()] == [2, 0]


def test_way_to_play_that_has_no_games_is_not_measured(tmp_path):
    assert LONG_RUN.of_player("nobody", ["alphabeta"], 0, tmp_path / "store.jsonl") == {"matches": {}, "puzzles": {}}


def test_last_network_of_the_long_run_takes_the_place_of_another_and_stays(tmp_path, monkeypatch):
    exported = []

    def keisei(_, source, out, *__):
        exported.append(out)
        shutil.copytree(source, out)

    monkeypatch.setattr(LONG_RUN, "keisei", keisei)
    last, network = RESULTS / "gate" / "new", tmp_path / "network"
    shutil.copytree(RESULTS / "long_run" / "network", network)
    for _ in range(2):
        LONG_RUN.export(last, network)

    assert exported == [str(network)]
    assert find_network(network).digest == find_network(last).digest


def test_last_point_of_the_long_run_is_of_the_network_that_is_exported(tmp_path, monkeypatch):
    """Its games are those of whoever takes that network, rounded as it is."""
    stops = [stop_at(tmp_path / "update-000050"), stop_at(tmp_path / "update-000100")]
    measured = []
    monkeypatch.setattr(LONG_RUN, "train", lambda *_: None)
    monkeypatch.setattr(LONG_RUN.Journey, "read", lambda *_: SimpleNamespace(stops=stops, place={}))
    monkeypatch.setattr(LONG_RUN, "export", lambda _, network: network.mkdir())
    monkeypatch.setattr(LONG_RUN, "points", lambda _, __, stops, ___: measured.extend(stop.path for stop in stops))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.toml").touch()

    LONG_RUN.measure(SimpleNamespace(out=tmp_path / "out", work=tmp_path, growth=1.6))

    assert measured == [stops[0].path, tmp_path / "out" / "network"]
    assert measured[-1].is_dir()


def test_puzzles_of_the_long_run_are_solved_by_who_sees_them():
    """A second opinion: the solver's moves on mates in three, and depth 1, which plays every mate in one."""
    tasks = PUZZLES.puzzles(num_games=10, most=20)

    branches = Branches.of_positions(tasks.mates_3, PUZZLES.MAX_PLIES + 1)
    found = prove_mates(branches, np.arange(len(branches)), PUZZLES.NODES, 3)
    counts = PUZZLES.solved(PUZZLES.built("alphabeta:depth=1"), tasks)

    assert len(tasks.mates_3) > 5
    assert all(PUZZLES.mates_after_all_replies(tasks.mates_3, found.line[:, 0].astype(np.int32)))
    assert counts["mates_1_played"] == counts["mates_1"] > 5
    assert counts["mates_3_played"] < counts["mates_3"] == len(tasks.mates_3)
    assert counts["moves"] == len(tasks.quiet) == 20


class Chooser:
    """Plays one move, whatever stands on the board."""

    def __init__(self, position, move):
        self.action = usi_to_action(position, move)

    def choose(self, positions, legal):
        return np.full(len(positions), self.action, np.int32)


@pytest.mark.parametrize(
    ("sfen", "move", "is_mate"),
    [
        pytest.param("4k4/9/4P4/9/9/9/9/9/4K4 b G 1", "G*5b", True, id="mate-at-once"),
        pytest.param("7lk/9/9/6N2/9/9/9/9/4K4 b 2G 1", "G*2b", False, id="king-takes-and-is-not-mated"),
        pytest.param("8k/9/7P1/9/9/9/9/9/K8 b 2G 1", "G*2b", True, id="mate-by-a-guarded-gold"),
        pytest.param("8k/9/7P1/9/9/9/9/9/K8 b 2G 1", "G*9b", False, id="move-that-does-nothing"),
    ],
)
def test_move_begins_a_mate_in_three_where_no_reply_escapes(sfen, move, is_mate):
    position = parse_sfen(sfen)
    moves = Chooser(position, move).choose(position, None)

    assert list(PUZZLES.mates_after_all_replies(position, moves)) == [is_mate]


def test_every_engine_of_the_external_ladder_has_a_table():
    tables = tomllib.loads((EXPERIMENTS / "external_ladder" / "engines.toml").read_text(encoding="utf-8"))["engines"]
    rungs = {rung for rung in EXTERNAL_LADDER.RUNGS if rung.startswith("usi:")}

    assert {f"usi:{name}" for name in tables} == rungs
    assert {*EXTERNAL_LADDER.NEAR_POLICY, *EXTERNAL_LADDER.NEAR_SEARCH} <= set(EXTERNAL_LADDER.RUNGS)


@pytest.mark.parametrize(
    ("player", "name"),
    [
        ("usi:fairy-d1", "usi:fairy-d1 @35948b349db1"),
        ("alphabeta:depth=2", "alphabeta:depth=2"),
        ("docs/results/gate/new", "../../docs/results/gate/new @b2ddc70b996c"),
        ("docs/results/gate/new:simulations=128", "search:network=../../docs/results/gate/new,simulations=128 @b2dd"),
    ],
)
def test_player_of_the_external_ladder_is_known_by_its_name_in_the_store(player, name):
    assert EXTERNAL_LADDER.short(name) == player
    assert (ROOT / "experiments" / "external_ladder" / "../../docs/results/gate/new").exists()


def test_engines_that_are_not_installed_are_left_out_with_the_reason(monkeypatch):
    monkeypatch.setattr(EXTERNAL_LADDER, "RUNGS", ("random", "usi:here", "usi:there"))
    engines = {"here": {"command": [sys.executable]}, "there": {"command": ["/nowhere/engine"]}}

    assert EXTERNAL_LADDER.missing(engines) == {"usi:there": "/nowhere/engine is not installed"}


def test_cells_of_the_external_ladder_grow_alike_and_dear_ones_slower():
    cells = EXTERNAL_LADDER.cells_of(EXTERNAL_LADDER.RUNGS)
    steps = list(EXTERNAL_LADDER.plan(cells, 200))

    assert ("usi:fairy-d3", "usi:fairy-d1") in cells
    assert ("usi:gnushogi-d1", "usi:fairy-d1") in cells
    neighbours = set(zip(EXTERNAL_LADDER.RUNGS[1:], EXTERNAL_LADDER.RUNGS, strict=False))
    assert dict(steps) == {cell: 200 if cell in neighbours else 40 for cell in cells}
    gps = ("usi:gps-d4", "usi:fairy-d3")
    assert [games for cell, games in steps if cell == gps][:3] == [10, 20, 30]
    assert {games for cell, games in steps[: steps.index((gps, 20))] if EXTERNAL_LADDER.pace(cell) == 1} == {40, 80}


def test_external_ladder_without_a_game_has_no_page(tmp_path):
    EXTERNAL_LADDER.write(tmp_path, tmp_path / "external_ladder.jsonl", {})
    assert list(tmp_path.iterdir()) == []


def test_pairs_of_the_external_ladder_count_once_whoever_was_called_first(tmp_path):
    line = {"first_name": "usi:a @1", "second_name": "random", "seed": 1, "opening": 3, "pairs": "WL CW"}
    (tmp_path / "store.jsonl").write_text(f"{json.dumps(line)}\n" * 2, encoding="utf-8")
    results = EXTERNAL_LADDER.Results(tmp_path / "store.jsonl")

    assert results.games(("usi:a", "random")) == results.games(("random", "usi:a")) == 4
    assert list(results.of("usi:a")) == [("random", 2.5, 4)]
    assert list(results.of("random")) == [("usi:a", 1.5, 4)]


def test_the_external_ladder_goes_on_where_it_was_and_tells_of_faults_and_failures(tmp_path, monkeypatch):
    faults = {"first": {"illegal_move": 2, "silence": 0, "last_words": ["?"]}, "second": {"death": 0}}
    line = {"first_name": "b", "second_name": "a", "seed": 1, "opening": 0, "pairs": " ".join(["WW"] * 20)}
    (tmp_path / "store.jsonl").write_text(json.dumps(line), encoding="utf-8")
    played = []

    def play(cell, games, _):
        played.append((cell, games))
        report = {"first": f"{cell[0]} @1", "second": cell[1], "score": 0.5, "games": games, "faults": faults}
        return "exit code 3: no" if cell == ("d", "c") else report

    monkeypatch.setattr(EXTERNAL_LADDER, "play", play)
    monkeypatch.setattr(EXTERNAL_LADDER, "RUNGS", ("a", "b", "c", "d"))
    notes = {"failed": {}, "faults": Counter(), "played": 0}
    cells = [("b", "a"), ("c", "b"), ("d", "c")]
    reached = list(EXTERNAL_LADDER.play_all(cells, 80, math.inf, tmp_path / "store.jsonl", notes))

    assert played == [(("c", "b"), 40), (("d", "c"), 40), (("b", "a"), 80), (("c", "b"), 80)]
    assert reached == [40, 80]
    assert notes["failed"] == {("d", "c"): "exit code 3: no"}
    assert notes["faults"] == {"b, illegal move": 2, "c, illegal move": 4}


def test_page_of_the_external_ladder_has_ratings_points_and_versions(tmp_path):
    line = {"first_name": "usi:a @1", "second_name": "random", "seed": 1, "opening": 0, "pairs": "WL WW"}
    (tmp_path / "store.jsonl").write_text(json.dumps(line), encoding="utf-8")
    rating = {"elo": 190.4, "elo_low": 100.0, "elo_high": 280.0}
    rows = [
        {"player": "usi:a @1", **rating},
        {"player": "alphabeta", **rating},
        {"player": "random", **dict.fromkeys(rating, 0.0)},
    ]
    engine = {"options": {"Threads": 1}, "go": "depth 1", "package": "a 1.0", "program": "/a", "sha256": "f" * 64}
    notes = {
        "engines": {"a": engine},
        "left_out": {"usi:b": "/b is not installed"},
        "failed": {},
        "faults": {"usi:a, death": 1},
        "played": 3,
    }
    page = EXTERNAL_LADDER.page(rows, EXTERNAL_LADDER.Results(tmp_path / "store.jsonl"), notes | COMMAND.where())

    assert "| usi:a | 190 | 100 to 280 | random 3/4 |" in page
    assert "| random | 0 | 0 to 0 | usi:a 1/4 |" in page
    assert "alphabeta |" not in page
    assert "Games a cell: 4 to 4" in page
    assert f"| a | a 1.0 | `{'f' * 16}` | go depth 1; Threads 1 |" in page
    assert "Games of the last 3 matches lost by illegal moves, silence or death: usi:a, death 1." in page
    assert "Left out: usi:b, /b is not installed." in page


def test_chart_of_the_search_trial_has_a_dot_for_every_seed_and_start():
    scores = dict.fromkeys((*SEARCH_TRIAL.OPPONENTS, SEARCH_TRIAL.AGAINST_RECIPE), 0.5)
    one, other = SEARCH_TRIAL.STARTS
    drawn = SEARCH_TRIAL.chart({one: {"recipe": [scores] * 3, "searched": [scores] * 2}, other: {"recipe": [scores]}})

    dots = list(ElementTree.fromstring(drawn).iter(f"{SVG}circle"))
    assert len(dots) == 6 * len(scores)
    assert sum(dot.get("fill") == "#ffffff" for dot in dots) == len(scores)


def test_every_lag_is_a_config_that_the_plies_alone_end():
    lag = load("lag")
    for each in lag.LAGS:
        settings = read_settings(lag.RECIPE, [*lag.ALONE.items(), ("run.lag", each)])
        assert (settings.run.lag, settings.run.minutes, settings.rungs) == (each, 0, ())


def test_page_of_the_lag_has_elo_of_the_pairs_of_games_and_says_whether_it_is_worth_it():
    lag = load("lag")
    equal, lost = [0, 0, 50, 0, 0], [25, 0, 50, 0, 0]  # by points: 0, 1/2, 1, 3/2, 2
    of_lag_0 = {other: [equal, equal] for other in (*lag.OPPONENTS, lag.LAG_0)}
    strength = {"0": of_lag_0, "1": of_lag_0, "4": {**of_lag_0, lag.LAG_0: [equal, lost]}}
    made = {"seeds": 2, "plies": 100_000, "games": 100, **COMMAND.where()}
    rows = {"1": {"plies_per_s": {"0": 80.0, "1": 110.0}, "ratio": 1.375, "wait_share": 0.25}}
    told = {"strength": strength, "made": made, "time": {"threads": rows, **COMMAND.where()}}
    page = lag.page(told)

    assert lag.elo([lost])[0] == pytest.approx(-400 * math.log10(2), abs=0.1)
    assert "| 1 | 0.500 | 0.500 | +0 [" in page
    assert "| 4 | 0.500 | 0.500 | -70 [" in page
    assert "| +0, -120 |" in page
    assert "| 1 | 80 | 110 | 1.375 | 25.0% |" in page
    assert "gains 0 Elo [-48, +48] at equal plies over 2 seeds and makes +37.5% plies/s here: it does not" in page
    assert "A network of lag 0 plays those of the other seeds" in page
    made["seeds"] = 1
    assert "of the other seeds" not in lag.page(told)
    assert "Lag 0 is the default. Nothing is measured here." in lag.page({})


@pytest.mark.parametrize(
    ("pairs", "seeds", "speed", "may", "told"),
    [
        pytest.param([0, 0, 100, 0, 0], 3, 110.0, True, "gains 0 Elo [-28, +28]", id="level-and-faster"),
        pytest.param([0, 0, 300, 0, 0], 1, 110.0, False, "over 1 seed and", id="one-seed-may-be-lucky"),
        pytest.param([20, 0, 62, 0, 18], 3, 110.0, False, "loses 7 Elo [-35, +21]", id="more-may-be-lost"),
        pytest.param([0, 0, 100, 0, 0], 3, 70.0, False, "makes -12.5% plies/s", id="slower"),
    ],
)
def test_lag_may_become_the_default_where_seeds_interval_and_time_say_so(pairs, seeds, speed, may, told):
    lag = load("lag")
    time = {"threads": {"1": {"plies_per_s": {"0": 80.0, "1": speed}}}}
    strength = {"strength": {"1": {lag.LAG_0: [pairs] * seeds}}, "made": {"seeds": seeds}}

    verdict = lag.verdict({**strength, "time": time})

    assert told in verdict
    assert f"it {'may' if may else 'does not'} become the default" in verdict
    assert "Strength alone is measured here." in lag.verdict(strength)
