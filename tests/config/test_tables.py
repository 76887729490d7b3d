"""Every key of the core's tables has a meaning and a default that its own check accepts."""

from typing import Any

import attrs
import pytest

from keisei_core.config.contradictions import contradictions
from keisei_core.config.structure import structure, unstructure
from keisei_core.config.tables import CORE_TABLES

KEYS = [(table, field.name) for table, cls in CORE_TABLES.items() for field in attrs.fields(cls)]


def tables(**changes: dict[str, Any]) -> dict[str, Any]:
    return {name: cls(**changes.get(name, {})) for name, cls in CORE_TABLES.items()}


@pytest.mark.parametrize(("table", "key"), KEYS)
def test_key_says_what_it_means(table: str, key: str) -> None:
    meaning = attrs.fields_dict(CORE_TABLES[table])[key].metadata["help"]

    assert len(meaning) > 10
    assert not meaning.endswith(".")


@pytest.mark.parametrize("table", CORE_TABLES)
def test_defaults_pass_their_own_checks_and_read_back(table: str) -> None:
    cls = CORE_TABLES[table]

    read = structure(cls, unstructure(cls()))

    assert (read.value, read.problems) == (cls(), ())


def test_defaults_do_not_contradict_each_other() -> None:
    assert list(contradictions(tables())) == []


@pytest.mark.parametrize(
    ("changes", "key", "text"),
    [
        ({"learning": {"minibatch": 4097}}, "minibatch", "must be at most a rollout's 4096 plies"),
        (
            {"learning": {"minibatch": 2048, "minibatch_doublings": 2}},
            "minibatch_doublings",
            "must double to at most a rollout's 4096 plies (games x rollout_plies), got 8192",
        ),
        ({"selfplay": {"max_plies": 8}}, "max_plies", "must be greater than opening_plies (8), got 8"),
        (
            {"selfplay": {"max_plies": 48, "midgame_share": 0.1}},
            "max_plies",
            "must be greater than midgame_plies and opening_plies (48), got 48",
        ),
        ({"evaluation": {"max_plies": 6}}, "max_plies", "must be greater than opening_plies (6), got 6"),
        ({"tracking": {"sample_games": 129}}, "sample_games", "must be at most [selfplay] games (128), got 129"),
        ({"tracking": {"trackers": ("jsonl", "jsonl")}}, "trackers", "must each stand once"),
        ({"teaching": {"teachers": ("tactics", "tactics")}}, "teachers", "must each stand once"),
    ],
)
def test_settings_that_do_not_fit_together_are_told(changes: dict[str, dict[str, Any]], key: str, text: str) -> None:
    ((_, found_key, found_text, _),) = contradictions(tables(**changes))

    assert found_key == key
    assert text in found_text


@pytest.mark.parametrize(("table", "key"), [("evaluation", "games"), ("evaluation", "final_games")])
def test_match_is_played_in_pairs(table: str, key: str) -> None:
    assert structure(CORE_TABLES[table], {key: 7}).problems == ((key, f"{key} must be an even number, got 7"),)
