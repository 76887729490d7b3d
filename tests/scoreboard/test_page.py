"""The scoreboard as it is kept and shown."""

import json
from pathlib import Path
from typing import Any

import pytest

from keisei_core.errors import ConfigError
from keisei_core.scoreboard import Scoreboard, page
from keisei_core.scoreboard.page import cell, table


def entry(**changed: Any) -> dict[str, Any]:
    """An entry as a climb makes it."""
    found = [
        {"rung": "random", "reached": 0.5, "missed": None, "tested": []},
        {"rung": "alphabeta", "reached": 12.0, "missed": 9.5, "tested": []},
        {"rung": "usi:x", "reached": None, "missed": 12.0, "tested": [{"core_minutes": 12.0, "score": 0.25}]},
    ]
    return {
        "recipe": "keisei.toml",
        "changes": [],
        "config": "0123456789ab",
        "seed": 0,
        "player": "policy",
        "core_minutes": 12.0,
        "plies": 200_000,
        "machine": {"processor": "Ten GHz", "cores": 8},
        "versions": {"torch": "2.0"},
        "commit": "abc",
        "rule": {"first_games": 20, "most_games": 320, "growth": 1.25},
        "rungs": found,
        "left_out": {"usi:y": "not installed"},
        **changed,
    }


def test_cells_say_what_was_measured_on_both_sides() -> None:
    assert [cell(found) for found in entry()["rungs"]] == ["0.5 (first)", "12 (9.5 no)", "not in 12 (0.25)"]


def test_page_has_a_table_for_each_recipe_and_a_column_for_each_seed() -> None:
    lines = page([entry(), entry(seed=1), entry(recipe="other.toml")]).splitlines()

    assert [line for line in lines if line.startswith("## ")] == ["## keisei.toml", "## other.toml"]
    assert "| rung | policy, seed 0 | policy, seed 1 |" in lines
    assert "| alphabeta | 12 (9.5 no) | 12 (9.5 no) |" in lines
    assert "- seed 1: 12.0 core-minutes, 200,000 plies; Ten GHz, 8 cores; torch 2.0; commit abc" in lines
    assert "- seed 1: left out: usi:y (not installed)" in lines


def test_columns_of_several_recipes_are_told_apart() -> None:
    assert table([entry(), entry(recipe="other.toml")]).heads == [
        "rung",
        "keisei.toml, policy, seed 0",
        "other.toml, policy, seed 0",
    ]


def test_entries_by_different_rules_have_a_legend_each() -> None:
    rule = {"first_games": 20, "most_games": 40, "growth": 2.0}
    legends = [
        [line for line in page(entries).splitlines() if line.startswith("- Reached")]
        for entries in ([entry(), entry(seed=1)], [entry(), entry(seed=1, rule=rule), entry(seed=2)])
    ]

    assert [len(lines) for lines in legends] == [1, 2]
    assert legends[0][0].startswith("- Reached: the 95 % interval")
    assert legends[1][0].startswith("- Reached (policy, seed 0; policy, seed 2): the 95 % interval")
    assert "a factor of 1.25 apart" in legends[1][0]
    assert legends[1][1].startswith("- Reached (policy, seed 1): the 95 % interval")
    assert "up to 40;" in legends[1][1]
    assert "a factor of 2 apart" in legends[1][1]


def test_new_entry_takes_the_place_of_its_like(tmp_path: Path) -> None:
    board = Scoreboard(tmp_path / "out" / "scoreboard.json")
    for seed, plies in ((10, 1), (9, 2), (10, 3)):
        board.put(entry(seed=seed, plies=plies))
    board.put(entry(player="simulations=8", plies=4))

    assert [(held["seed"], held["player"], held["plies"]) for held in board.entries()] == [
        (0, "simulations=8", 4),
        (9, "policy", 2),
        (10, "policy", 3),
    ]
    assert "| rung | simulations=8, seed 0 | policy, seed 9 | policy, seed 10 |" in board.path.with_suffix(
        ".md"
    ).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"schema": 9, "entries": []})])
def test_file_that_is_no_scoreboard_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "scoreboard.json").write_text(text)

    with pytest.raises(ConfigError, match="expected a scoreboard of schema 1"):
        Scoreboard(tmp_path / "scoreboard.json").put(entry())
