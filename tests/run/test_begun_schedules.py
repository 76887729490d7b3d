"""A figure that moves in the course of a run, from a version on in which it could: a resumed run says that it does."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from keisei_core.plugins import Settings
from keisei_core.run.environment import begun_schedules

SAID = (
    "made where [algorithm] value_coefficient stayed at 1.0, goes on towards final_value_coefficient = 0.5: write "
    "final_value_coefficient = 1.0 in config.toml for one that stays"
)


@pytest.fixture
def document(tiny: Callable[..., Settings]) -> dict[str, Any]:
    return tiny(algorithm__value_coefficient=1.0).to_document()


def older(document: dict[str, Any], table: str, key: str) -> dict[str, Any]:
    """The config as a version wrote it that had no such key."""
    before = copy.deepcopy(document)
    del before[table][key]
    return before


def test_figure_that_had_no_end_and_moves_is_told_with_how_to_keep_it(document: dict[str, Any]) -> None:
    assert list(begun_schedules(older(document, "algorithm", "final_value_coefficient"), document)) == [SAID]


def test_figure_that_moved_all_along_is_not_told(document: dict[str, Any]) -> None:
    assert list(begun_schedules(document, document)) == []


def test_figure_that_stays_is_not_told(document: dict[str, Any]) -> None:
    document["algorithm"]["final_value_coefficient"] = 1.0
    before = older(document, "algorithm", "final_value_coefficient")

    assert list(begun_schedules(before, document)) == []


def test_figure_of_a_teacher_is_told_by_its_own_table() -> None:
    before = {"teaching": {"tactics": {"weight": 2.0}}}
    now = {"teaching": {"tactics": {"weight": 2.0, "final_weight": 0.0}}}

    (line,) = begun_schedules(before, now)
    assert line.startswith("made where [teaching.tactics] weight stayed at 2.0, goes on towards final_weight = 0.0: ")
