"""Every situation can be done right and can be done wrong: an engine that is wrong there alone is found out there."""

import json
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from keisei_plugins_usi.conformance import positions
from keisei_plugins_usi.conformance.check import Check
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.position import Position
from keisei_plugins_usi.conformance.situation import Situation
from keisei_plugins_usi.conformance.situations import SITUATIONS
from keisei_plugins_usi.conformance.verdict import Finding, Verdict

ENGINE = Path(__file__).with_name("scripted_engine.py")
NEVER_WRONG = {"exception"}
SLACK = {"isready-lives": 0.02}
"""What has to be late by seconds is late sooner."""
HUSH = {"silent-start": 3}
"""What is said too early is said once Python runs."""
REFUSALS = {
    "own-folder": 'if [ "$PWD" = "$(dirname "$0")" ]; then exit 1; fi',
    "odd-folder": 'case "$PWD" in *" "*) exit 1;; esac',
}
NAMES = [situation.name for situation in SITUATIONS]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Makes the files that start engines: by the situation in which each is wrong, by "" that which does right."""
    folder = tmp_path_factory.mktemp("engines")
    answers = folder / "answers.json"
    answers.write_text(json.dumps(legal_answers()), encoding="utf-8")
    for name in ("", *NAMES):
        path = folder / f"engine-{name}"
        words = [sys.executable, "-S", "-E", str(ENGINE), str(answers), name]
        path.write_text(f"#!/bin/sh\n{REFUSALS.get(name, '')}\nexec {shlex.join(words)}\n", encoding="utf-8")
        path.chmod(0o755)
    return {name: str(folder / f"engine-{name}") for name in ("", *NAMES)}


@pytest.fixture(scope="module")
def right(engines: dict[str, str]) -> dict[str, Finding]:
    """What comes of the engine that does right."""
    limits = Limits(timeout=60, slack=20, hush=0.05)
    return {finding.situation.name: finding for finding in Check([engines[""]], limits).findings(SITUATIONS)}


@pytest.fixture(scope="module")
def wrong(engines: dict[str, str]) -> dict[str, Finding]:
    """What comes of each engine that is wrong, in the situation that it is wrong in."""

    def ask(situation: Situation) -> Finding:
        limits = Limits(timeout=2, slack=SLACK.get(situation.name, 1), hush=HUSH.get(situation.name, 0.3))
        command = [engines[situation.name]]
        # Two rows look back at what was said before, so something has to be said.
        before = [each for each in SITUATIONS if each.name == "usi"]
        return list(Check(command, limits).findings([*before, situation]))[-1]

    with ThreadPoolExecutor(16) as pool:
        return {finding.situation.name: finding for finding in pool.map(ask, SITUATIONS)}


@pytest.mark.parametrize("name", NAMES)
def test_engine_that_does_right_is_never_called_wrong(right: dict[str, Finding], name: str) -> None:
    assert right[name].verdict is not Verdict.WRONG, right[name].came


def test_engine_that_does_right_is_asked_nearly_everything(right: dict[str, Finding]) -> None:
    not_asked = {name for name, finding in right.items() if finding.verdict is Verdict.NOT_ASKED}

    assert not_asked == {"isready-lives", "ponder-move", "exception"}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in NEVER_WRONG])
def test_engine_that_does_wrong_is_found_out(wrong: dict[str, Finding], name: str) -> None:
    assert wrong[name].verdict is Verdict.WRONG, wrong[name].came


def test_names_are_unique() -> None:
    assert len(set(NAMES)) == len(NAMES)


def test_every_row_of_the_table_is_asked() -> None:
    assert {situation.row for situation in SITUATIONS} == set(range(1, 45))


def legal_answers() -> dict[str, list[str]]:
    """Returns what the engine knows: for each position of the situations its legal moves, a mating one first."""
    named = [value for value in vars(positions).values() if isinstance(value, Position)]
    opening, declarable = positions.OPENING, positions.DECLARABLE
    asked = [*named, *positions.FORMS, opening.then("8h7g"), opening.then("6i7h"), declarable.then("P*9e", "5i4h")]
    return {position.text(): sorted(position.legal(), key=lambda move: (move != "G*5b", move)) for position in asked}
