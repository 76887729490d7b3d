"""What is known of a network: of its own run and update, and nothing of the machine's folders and people."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from keisei_core.arena import TrainedNetwork
from keisei_core.card import about
from keisei_core.plugins import read_settings

Make = Callable[..., TrainedNetwork]
SECRET = "alice"
SCORE = {"games": 40, "wins": 20, "draws": 4, "losses": 12, "truncated": 4, "score": 0.6, "low": 0.45, "high": 0.74}


def test_last_network_of_a_run_is_told_with_its_matches_curves_machine_and_commit(network: Make) -> None:
    told = about(network())

    assert [row["opponent"] for row in told["matches"]] == ["random", "(a path)"]
    assert [curve["figure"] for curve in told["curves"]] == ["score", "entropy"]
    assert told["curves"][0]["plies"] == [1000, 2000, 3000, 4000]
    assert told["machine"] == {"processor": "Ten GHz", "cpu_count": 8, "gpu": None}
    assert (told["commit"], told["counters"]["plies"]) == ("0123456789ab", 4000)
    assert ("run.seed", "3") in told["settings"]
    assert told["board"]["caption"].startswith("The end of a game that it won as Black against (a path): resignation")


def test_last_match_against_none_of_the_rungs_is_told_with_its_opponents_options(network: Make, run: Path) -> None:
    rung = {**SCORE, "opponent": "random"}
    (run / "result.json").write_text(
        json.dumps({**SCORE, "opponent": "alphabeta:depth=3", "score": 0.7, "rungs": [rung]})
    )

    rows = about(network())["matches"]

    assert [(row["opponent"], row["score"]) for row in rows] == [("alphabeta:depth=3", 0.7), ("random", 0.6)]


def test_match_in_training_is_told_with_its_opponents_options(network: Make) -> None:
    config = read_settings(
        None, [("evaluation.opponent", "alphabeta"), ("evaluation.alphabeta.depth", 3)]
    ).to_document()

    assert about(network(20, config=config))["match_in_training"]["opponent"] == "alphabeta:depth=3"


def test_earlier_network_of_a_run_gets_nothing_that_a_later_one_did(network: Make) -> None:
    told = about(network(20))

    assert told["matches"] == []
    assert told["match_in_training"] == {"opponent": "random", "score": 0.5, "low": 0.4, "high": 0.6}
    assert told["curves"][1]["plies"][-1] == 2000
    assert told["board"]["caption"] == "The start; none of its games is known."


def test_network_outside_of_a_run_is_told_with_what_itself_tells(network: Make, tmp_path: Path) -> None:
    told = about(network(path=tmp_path / "elsewhere"))

    assert (told["matches"], told["curves"], told["machine"], told["commit"]) == ([], [], {}, None)
    assert told["counters"]["plies"] == 4000


def test_network_that_tells_no_more_than_its_planes_has_a_card_of_unknowns(network: Make, tmp_path: Path) -> None:
    bare = network(path=tmp_path, config={"model": {"name": "resnet"}}, counters=None, versions=None, plugins=None)

    told = about(bare)

    assert (told["counters"], told["settings"], told["plugins"]) == ({}, None, [])


def test_network_that_a_run_began_with_is_told(network: Make, run: Path) -> None:
    (run / "migration.json").write_text("{}")

    assert about(network())["is_begun_anew"] is False


@pytest.mark.parametrize("name", ["metrics.jsonl", "matches.jsonl", "environment.json", "result.json"])
@pytest.mark.parametrize("content", [b"\xff\xfe", b"[]", b'{"sfen": 3, "update": true}', b""])
def test_damaged_file_of_a_run_is_taken_for_none(network: Make, run: Path, name: str, content: bytes) -> None:
    (run / name).write_bytes(content)

    assert about(network())["counters"]["plies"] == 4000


def test_export_keeps_what_its_own_card_told_and_takes_another_licence(network: Make, tmp_path: Path) -> None:
    first = json.loads(json.dumps(about(network(), "mit")))

    again = about(network(path=tmp_path, about=first))
    other = about(network(path=tmp_path, about=first), "cc0-1.0")

    assert again == first
    assert other == {**first, "licence": "cc0-1.0"}


@pytest.mark.parametrize(
    "damage",
    [
        {"counters": {"plies": "many"}},
        {"board": {"sfen": "none", "last_move": "", "caption": ""}},
        {"board": {"sfen": "startpos", "last_move": ""}},
        {"matches": [{"opponent": "random"}]},
        {"settings": [["run.seed"]]},
        {"curves": [{"figure": "entropy", "plies": [1, 2], "values": [1.0]}]},
        {"curves": None},
        {"more": 1},
    ],
)
def test_damaged_about_of_an_export_is_gathered_anew(network: Make, tmp_path: Path, damage: dict[str, Any]) -> None:
    anew = about(network(path=tmp_path))
    damaged = json.loads(json.dumps(about(network()))) | damage

    assert about(network(path=tmp_path, about={"schema": 1})) == anew
    assert about(network(path=tmp_path, about=damaged)) == anew


def test_texts_of_a_foreign_about_are_no_markup(network: Make, tmp_path: Path) -> None:
    foreign = json.loads(json.dumps(about(network())))
    foreign["board"]["caption"] = foreign["machine"]["gpu"] = "`<script>|\n# mine"

    told = about(network(path=tmp_path, about=foreign))

    assert told["board"]["caption"] == told["machine"]["gpu"] == "script># mine"


def test_no_path_and_nobody_is_named(network: Make) -> None:
    config = network().state["config"]
    config["evaluation"]["opponent"] = f"/home/{SECRET}/runs/b:temperature=0.5"
    config["tracking"]["trackers"] = ["jsonl"]

    told = json.dumps(about(network(config=config)))

    assert SECRET not in told
    assert "/home" not in told
