"""What a run's folder tells of the computing behind its checkpoints."""

import json
import shutil
from pathlib import Path

import pytest

from keisei_core.errors import ConfigError
from keisei_core.scoreboard import Journey, Stop
from keisei_core.scoreboard.journey import spaced


def test_checkpoints_are_a_factor_apart_and_the_last_is_among_them(run: Path) -> None:
    found = Journey.read(run, growth=2)

    assert [(stop.update, stop.plies, stop.core_minutes) for stop in found.stops] == [
        (1, 64, 1.0),
        (3, 192, 3.0),
        (4, 256, 8.0),
    ]


@pytest.mark.parametrize(
    ("growth", "chosen"),
    [(1.01, [1, 2, 3, 4, 5, 6, 7, 8]), (1.5, [1, 2, 3, 5, 8]), (2, [1, 2, 4, 8]), (3, [2, 8]), (9, [8])],
)
def test_stops_are_chosen_backwards_from_the_last(growth: float, chosen: list[int]) -> None:
    stops = [Stop(path=Path(), update=number, plies=0, core_minutes=number) for number in range(1, 9)]

    assert [stop.core_minutes for stop in spaced(stops, growth)] == chosen


def test_recipe_seed_and_place_are_those_of_the_training(run: Path) -> None:
    found = Journey.read(run, growth=2)

    assert (found.recipe, found.seed, found.changes) == ("recipes/small.toml", 7, ["value.material=0.5"])
    assert found.place == {
        "machine": {"processor": "Ten GHz", "cores": 8, "threads": 2},
        "versions": {"python": "3.11.7", "torch": "2.0"},
        "commit": "0123456789ab",
    }


def test_run_that_nobody_knows_the_place_of_is_called_by_its_folder(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, folder := tmp_path / "moved")
    (folder / "environment.json").unlink()

    found = Journey.read(folder, growth=2)

    assert (found.recipe, found.place["commit"], found.place["machine"]) == ("moved", None, {})


def test_recipe_of_an_absolute_path_names_no_folder(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run, folder := tmp_path / "moved")
    (folder / "environment.json").write_text(json.dumps({"command": ["keisei", "run", "/home/somebody/mine.toml"]}))

    assert Journey.read(folder, growth=2).recipe == "mine.toml"


def test_run_without_an_update_is_refused(run: Path, tmp_path: Path) -> None:
    shutil.copytree(run / "checkpoints" / "update-000000", tmp_path / "new" / "checkpoints" / "update-000000")

    with pytest.raises(ConfigError, match="name the folder of a run that has made an update"):
        Journey.read(tmp_path / "new", growth=2)
