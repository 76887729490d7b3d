"""`keisei benchmark --to-rung` as a user calls it."""

import json
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from keisei_core.config.document import parse_assignment
from keisei_core.plugins import read_settings
from keisei_core.scoreboard import runs_of, train

Keisei = Callable[..., tuple[int, str, str]]
RECIPE = """
[run]
plies = 384
device = "cpu"
threads = 1
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
opponent = "random"
max_plies = 20
"""


def test_run_is_measured_and_written_on_the_scoreboard(keisei: Keisei, run: Path, tmp_path: Path) -> None:
    flags = ("--rung", "random", "--rung-games", 2, "--max-plies", 20, "--opening-plies", 4, "--growth", 9)

    code, out, err = keisei("benchmark", run, "--to-rung", *flags, "--work", tmp_path, "--json")

    assert code == 0, err
    (found,) = json.loads(out)
    assert (found["recipe"], found["seed"], found["player"]) == ("recipes/small.toml", 7, "policy")
    assert [rung["rung"] for rung in found["rungs"]] == ["random"]
    (tested,) = found["rungs"][0]["tested"]
    assert (tested["core_minutes"], tested["games"], tested["verdict"]) == (8.0, 2, "not reached")
    assert json.loads((tmp_path / "scoreboard.json").read_text())["entries"] == [found]
    assert "| random | not in 8 (" in (tmp_path / "scoreboard.md").read_text()


def test_recipe_is_trained_with_each_seed_and_checkpoints_close_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    (tmp_path / "recipe.toml").write_text(RECIPE)
    monkeypatch.setattr("keisei_core.scoreboard.training.subprocess.run", run)
    runs = runs_of(str(tmp_path / "recipe.toml"), [3, 4], tmp_path / "work")

    for found in runs:
        assert found.recipe is not None
        assert train(found.recipe, found.folder, found.seed, ["value.material=0.5"]) == 0

    assert [found.folder.name for found in runs] == [f"{tmp_path.name}-seed3", f"{tmp_path.name}-seed4"]
    command = commands[0]
    assert command[3:8] == ["run", str(tmp_path / "recipe.toml"), "--run-dir", str(runs[0].folder), "--or-resume"]
    sets = [parse_assignment(text) for flag, text in pairwise(command) if flag == "--set"]
    settings = read_settings(tmp_path / "recipe.toml", sets)
    assert (settings.run.seed, settings.value.material) == (3, 0.5)
    assert settings.checkpoint.every_updates == 1  # of 6: at most 100 in the longest run
    assert settings.checkpoint.keep > 1_000
    assert settings.evaluation.every_updates == 0
    assert settings.rungs == ()


def test_complete_run_is_not_trained_again_and_not_taken_for_one_of_other_settings(
    keisei: Keisei, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaints: list[str] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        code, _out, err = keisei(*command[3:])
        complaints.append(err)
        return subprocess.CompletedProcess(command, code)

    processes = SimpleNamespace(run=run, DEVNULL=subprocess.DEVNULL)  # those that the run itself starts are real
    monkeypatch.setattr("keisei_core.scoreboard.training.subprocess", processes)
    (recipe := tmp_path / "recipe.toml").write_text(RECIPE)
    folder = tmp_path / "work" / "recipe-seed0"

    codes = [train(recipe, folder, 0, changes) for changes in ([], [], ["value.material=0.25"])]
    recipe.write_text(RECIPE.replace("tower_width = 8", "tower_width = 16"))
    edited = train(recipe, folder, 0, [])

    assert (codes, edited) == ([0, 0, 4], 4)
    assert "is complete" in complaints[1]
    assert "value.material" in complaints[2]
    assert "tower_width" in complaints[3]


def test_training_that_was_stopped_ends_the_command_with_its_code(
    keisei: Keisei, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text(RECIPE)
    stopped: subprocess.CompletedProcess[str] = subprocess.CompletedProcess([], 75)
    monkeypatch.setattr("keisei_core.scoreboard.training.subprocess.run", lambda *_, **__: stopped)

    code, _, _ = keisei("benchmark", tmp_path / "mine.toml", "--to-rung", "--rung", "random", "--work", tmp_path)

    assert code == 75


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--to-rung", "--rounds", "2"), "--rounds is not looked at with --to-rung"),
        (("--growth", "2"), "--growth means nothing without --to-rung"),
        (("--to-rung", "--set", "run.seed=1"), "--set is about configs, and"),
        (("--to-rung", "--seeds", "0,x"), "expected whole numbers with commas between"),
        (("--to-rung", "--rung", "alphabet"), "did you mean 'alphabeta'?"),
    ],
)
def test_wrong_call_says_what_is_wrong(
    keisei: Keisei, run: Path, tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    work = ("--work", tmp_path) if "--to-rung" in arguments else ()
    code, _, err = keisei("benchmark", run, *arguments, *work)

    assert code == 2
    assert complaint in err


@pytest.mark.parametrize(
    ("second", "flags", "complaint"),
    [
        ("nowhere", (), "nowhere"),
        ("run", ("--set", "value.material=0.5"), "--set is about configs, and"),
        ("broken.toml", (), "towers_depth"),
        ("other/mine.toml", (), "would both train in"),
    ],
)
def test_what_is_wrong_with_a_later_subject_is_told_before_the_first_one_trains(
    keisei: Keisei,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    second: str,
    flags: tuple[str, ...],
    complaint: str,
) -> None:
    monkeypatch.setattr("keisei_core.scoreboard.training.subprocess.run", None)
    (tmp_path / "other").mkdir()
    for name in ("mine.toml", "other/mine.toml"):
        (tmp_path / name).write_text(RECIPE)
    (tmp_path / "broken.toml").write_text(RECIPE.replace("tower_depth", "towers_depth"))
    subjects = tmp_path / "mine.toml", run if second == "run" else tmp_path / second

    code, _, err = keisei("benchmark", *subjects, "--to-rung", "--rung", "random", *flags, "--work", tmp_path / "work")

    assert code == 2
    assert complaint in err
    assert not (tmp_path / "work").exists()


def test_folder_that_is_no_run_is_refused(keisei: Keisei, tmp_path: Path) -> None:
    code, _, err = keisei("benchmark", tmp_path, "--to-rung", "--rung", "random", "--work", tmp_path / "work")

    assert code == 2
    assert str(tmp_path.name) in err
