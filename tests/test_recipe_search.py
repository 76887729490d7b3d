"""The search for recipes: studies that can be run, halving, results that survive a kill, a tiny search as a whole."""

import json
import math
import shutil
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from keisei_core.errors import DivergedError
from keisei_core.plugins import read_settings

EXPERIMENTS = Path(__file__).parents[1] / "experiments"
sys.path.append(str(EXPERIMENTS))

import halving  # noqa: E402
import recipe_search  # noqa: E402

STUDIES = halving.studies(recipe_search.STUDIES)
CANDIDATES = [(study, name) for study in STUDIES.values() for name in study.candidates]
TABLE = {
    "about": "Three rates",
    "rungs": [10, 20, 40],
    "seeds": [1, 2, 2],
    "opponents": ["random"],
    "axes": {
        "rate": [{"optimizer.learning_rate": rate} for rate in (0.1, 0.2, 0.3)],
        "epochs": [{"name": "one", "algorithm.epochs": 1}, {"name": "two", "algorithm.epochs": 2}],
    },
}


def results(folder: Path) -> halving.Results:
    return halving.Results(folder / "results.jsonl", recipe_search.RECIPE)


def score_of(task: halving.Task) -> float:
    return task.changes["optimizer.learning_rate"] + task.changes["algorithm.epochs"] + task.seed / 5


def played(task: halving.Task) -> dict[str, object]:
    score = score_of(task) / 10
    return {"score": score, "points": {"random": score}, "games": 2, "plies": 100}


@pytest.mark.parametrize(("study", "name"), CANDIDATES, ids=[f"{study.name}: {name}" for study, name in CANDIDATES])
def test_every_candidate_is_a_config_that_runs(study: halving.Study, name: str) -> None:
    settings = read_settings(recipe_search.RECIPE, [*study.candidates[name].items()])

    assert study.candidates[name] or settings == read_settings(recipe_search.RECIPE)
    assert settings.run.threads == 1
    assert settings.evaluation.every_updates == 0


def test_candidates_are_all_combinations_of_the_axes() -> None:
    study = halving.Study.of("rates", TABLE)

    assert list(study.candidates)[:3] == ["learning_rate 0.1, one", "learning_rate 0.1, two", "learning_rate 0.2, one"]
    assert len(study.candidates) == 6
    assert study.candidates["learning_rate 0.3, two"] == {"optimizer.learning_rate": 0.3, "algorithm.epochs": 2}


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("seeds", [1], r"\[rates\]: expected as many seeds as rungs, got \[1\]"),
        ("axes", {"part": [{"name": "one"}, {"name": "one"}]}, "expected candidates of different names"),
    ],
)
def test_study_that_is_none_is_told(key: str, value: object, complaint: str) -> None:
    with pytest.raises(SystemExit, match=complaint):
        halving.Study.of("rates", TABLE | {key: value})


def test_best_third_climbs_each_rung_with_its_seeds(tmp_path: Path) -> None:
    study = halving.Study.of("rates", TABLE)
    made = [
        (task.core_s, task.candidate, task.seed)
        for task in halving.search(study, results(tmp_path), played, end=math.inf)
    ]
    best, second = "learning_rate 0.3, two", "learning_rate 0.2, two"

    assert made[:6] == [(10, name, 0) for name in study.candidates]
    assert made[6:10] == [(20, best, 0), (20, second, 0), (20, best, 1), (20, second, 1)]
    assert made[10:] == [(40, best, 0), (40, best, 1)]


def test_changes_of_a_study_are_those_of_all_its_candidates_and_an_axis_wins() -> None:
    table = TABLE | {"changes": {"model.tower_depth": 4, "algorithm.epochs": 7}}

    study = halving.Study.of("rates", table)

    assert {changes["model.tower_depth"] for changes in study.candidates.values()} == {4}
    assert {changes["algorithm.epochs"] for changes in study.candidates.values()} == {1, 2}
    assert [*study.candidates] == [*halving.Study.of("rates", TABLE).candidates]


def test_runs_by_an_earlier_recipe_are_listed_apart(tmp_path: Path) -> None:
    study, kept = halving.Study.of("rates", TABLE), results(tmp_path)
    list(halving.search(study, kept, played, end=math.inf))
    assert "## By earlier recipes" not in recipe_search.page({"rates": study}, kept)

    later = halving.Results(kept.path, recipe_search.STUDIES)
    page = recipe_search.page({"rates": study}, later)

    assert "## rates" not in page
    assert "## By earlier recipes" in page
    assert page.count(f"\n| {kept.recipe} | rates |") == len(kept.lines)
    assert f"| {kept.recipe} | rates | learning_rate 0.3, two | 40 | 1 | 0.250 | random 0.250 | 100 |" in page


@pytest.mark.parametrize("num_done", range(12))
def test_search_that_was_killed_anywhere_comes_to_the_same(tmp_path: Path, num_done: int) -> None:
    study = halving.Study.of("rates", TABLE)
    whole = results(tmp_path / "whole")
    whole.path.parent.mkdir()
    list(halving.search(study, whole, played, end=math.inf))
    cut = whole.path.read_text().splitlines(keepends=True)
    broken = results(tmp_path)
    broken.path.write_text("".join(cut[:num_done]) + cut[num_done][: len(cut[num_done]) // 2])

    again = results(tmp_path)
    list(halving.search(study, again, played, end=math.inf))

    assert results(tmp_path).lines == whole.lines


def test_no_run_begins_after_the_end(tmp_path: Path) -> None:
    study = halving.Study.of("rates", TABLE)

    assert list(halving.search(study, results(tmp_path), played, end=0)) == []


def test_two_searches_side_by_side_keep_each_others_runs(tmp_path: Path) -> None:
    study = halving.Study.of("rates", TABLE)
    one, other = results(tmp_path), results(tmp_path)
    first, second, *_ = study.tasks(0, list(study.candidates))
    one.add(first, played(first))
    other.add(second, played(second))

    assert [line["candidate"] for line in results(tmp_path).lines] == [first.candidate, second.candidate]


def test_run_that_diverges_has_no_points(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = halving.Study.of("rates", TABLE)
    task = next(study.tasks(0, list(study.candidates)))

    def train(recipe: Path, folder: Path, changes: object, start: object) -> None:
        folder.mkdir(parents=True)
        (folder / "metrics.jsonl").write_text('{"core_s": 3.0, "elapsed_s": 4.0, "plies": 16}\n')
        raise SystemExit(DivergedError.exit_code)

    monkeypatch.setattr(recipe_search, "train", train)
    line = recipe_search.run_task(task, tmp_path, 2)

    assert line["score"] == 0
    assert line["points"] == dict.fromkeys(study.opponents, 0.0)
    assert line["plies"] == 16
    assert not (tmp_path / task.folder).exists()


def test_runs_of_another_recipe_or_of_other_changes_do_not_count(tmp_path: Path) -> None:
    study = halving.Study.of("rates", TABLE)
    task = next(study.tasks(0, list(study.candidates)))
    kept = results(tmp_path)
    kept.add(task, played(task))

    other = halving.Results(kept.path, recipe_search.STUDIES)
    changed = halving.Study.of("rates", TABLE | {"axes": {"part": [{"name": task.candidate, "algorithm.epochs": 3}]}})

    assert len(kept.of(study, 10, task.candidate)) == 1
    assert other.of(study, 10, task.candidate) == []
    assert kept.of(changed, 10, task.candidate) == []
    assert kept.of(halving.Study.of("rates", TABLE | {"start": "docs/results/gate/new"}), 10, task.candidate) == []
    assert kept.of(halving.Study.of("rates", TABLE | {"searched": ["random"]}), 10, task.candidate) == []
    assert kept.of(halving.Study.of("rates", TABLE | {"opponents": ["alphabeta"]}), 10, task.candidate) == []


def test_runs_that_began_with_other_weights_do_not_count_wherever_these_lay(tmp_path: Path) -> None:
    folder, kept = tmp_path / "network", results(tmp_path)

    def study_from(network: str) -> halving.Study:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(halving.ROOT / "docs" / "results" / network, folder)
        return halving.Study.of("rates", TABLE | {"start": str(folder)})

    study = study_from("gate/new")
    task = next(study.tasks(0, list(study.candidates)))
    kept.add(task, played(task))
    other = study_from("long_run_4x64/network")

    assert len(kept.of(study_from("gate/new"), 10, task.candidate)) == 1
    assert kept.of(other, 10, task.candidate) == []
    assert next(other.tasks(0, [task.candidate])).folder != task.folder


def test_engines_that_are_not_installed_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    players = ("alphabeta:depth=2", "usi:fairy-d1-s-3")
    for path, kept in ((None, players[:1]), ("/games/fairy", players)):
        monkeypatch.setattr("shutil.which", lambda _, path=path: path)
        assert recipe_search.installed(players) == kept
    assert recipe_search.as_player(players[1]).startswith("usi:fairy-d1-s-3,file=/")
    assert recipe_search.as_player(players[0]) == players[0]


def test_page_and_picture_show_the_best_of_each_rung_first(tmp_path: Path) -> None:
    study, kept = halving.Study.of("rates", TABLE), results(tmp_path)
    list(halving.search(study, kept, played, end=math.inf))

    page = recipe_search.page({"rates": study}, kept)
    drawn = ElementTree.fromstring(recipe_search.picture(study, kept))

    assert "| learning_rate 0.3, two | **0.230** | 0.230 | 1 | 100 |" in page
    assert "| learning_rate 0.3, two | **0.240** | 0.240 ± 0.010 | 2 | 100 |" in page
    tables = page.split("core-seconds of training")[1:]
    assert [part.splitlines()[4].split(" | ")[0] for part in tables] == ["| learning_rate 0.3, two"] * 3
    rows = [element.text for element in drawn.iter() if element.text and element.text.endswith(" s")]
    assert len(rows) == 6 + 2 + 1
    assert rows[-1] == "learning_rate 0.3, two, 40 s"


def test_search_trains_plays_and_writes_at_tiny_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was killed before its first checkpoint is begun anew; one that is over leaves no folder.

    It goes on from an exported network, whose planes, value and size it has, and plays in the end by searching too.
    """
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(
        '[run]\ndevice = "cpu"\nthreads = 1\n[input]\nfeatures = "core46+check+last2ply+attacks"\n'
        '[value]\nmaterial = 1.0\n[model]\nname = "resnet"\n[selfplay]\ngames = 4\nrollout_plies = 4\n'
        "[learning]\nminibatch = 16\n"
        "[evaluation]\nevery_updates = 0\nmax_plies = 8\n[tracking]\nmatch_games = 0\n"
    )
    monkeypatch.setattr(recipe_search, "RECIPE", recipe)
    matches: list[tuple[str, str, int]] = []

    def match_of(one: str, other: str, games: int, seed: int) -> dict[str, float]:
        assert (Path(one.partition(":")[0]) / "result.json").exists()
        matches.append((one.partition(":")[2], other, games))
        return {"score": 0.25}

    monkeypatch.setattr(recipe_search, "match_of", match_of)
    table = TABLE | {"rungs": [0.06], "seeds": [1], "axes": {"part": [{"name": "recipe"}]}}
    later = {
        "start": "docs/results/gate/new",
        "searched": ["alphabeta:depth=1"],
        "changes": {"model.tower_depth": 4, "model.tower_width": 64},
    }
    study = halving.Study.of("tiny", table | later)
    task = next(study.tasks(0, ["recipe"]))
    killed = tmp_path / "runs" / task.folder
    killed.mkdir(parents=True)
    (killed / "config.toml").write_text("")
    kept = halving.Results(tmp_path / "recipe_search.jsonl", recipe)

    tasks = halving.search(study, kept, lambda task: recipe_search.run_task(task, tmp_path / "runs", 2), math.inf)
    made = list(tasks)
    recipe_search.write(tmp_path, {"tiny": study}, kept)

    line = json.loads(kept.path.read_text())
    assert [task.candidate for task in made] == ["recipe"]
    assert line["points"].keys() == {"random", "searching against alphabeta:depth=1"}
    assert line["score"] == pytest.approx((line["points"]["random"] + 0.25) / 2)
    assert line["changes"] == later["changes"]
    assert matches == [("simulations=32", "alphabeta:depth=1", 2)]
    assert line["games"] == 2
    assert line["used_core_s"] >= 0.06
    assert line["plies"] >= 16
    assert not killed.exists()
    assert "| recipe |" in (tmp_path / "recipe_search.md").read_text()
    assert (tmp_path / "recipe_search-tiny.svg").exists()
