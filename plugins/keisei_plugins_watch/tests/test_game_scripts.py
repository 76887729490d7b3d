"""What the game's own modules work out, beside what the core makes of the same."""

import functools
import json
import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.records.endings import ENDINGS, GOES_ON
from keisei_core.shogi import Games, action_to_usi

ASSETS = Path(str(files("keisei_plugins_watch.game") / "assets"))
LEAST_NODE = 18
"""The modules are written for browsers; an older node lacks what they use."""
SAID = re.compile(r'(?:say|button)\("([\w.]+)"')


@functools.cache
def node_version() -> int:
    """Returns the first number of the version of node, 0 where there is none."""
    found = shutil.which("node")
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout if found else ""
    return int(told[1:].partition(".")[0]) if told.startswith("v") else 0


def node(module: str, expression: str) -> object:
    """Returns what an expression is in which the exports of a module may be used; it goes as JSON."""
    if node_version() < LEAST_NODE:
        pytest.skip(f"node {LEAST_NODE} or newer is not installed")
    source = (ASSETS / module).read_text(encoding="utf-8")
    script = f"{source}\nconsole.log(JSON.stringify({expression}));"
    command = ["node", "--input-type=module", "-e", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_both_languages_say_the_same_words_and_all_that_the_page_asks_for():
    english, japanese = node("words.js", "[WORDS.en, WORDS.ja].map((words) => Object.keys(words).sort())")

    said = {key for path in ASSETS.glob("*.js") for key in SAID.findall(path.read_text(encoding="utf-8"))}
    assert english == japanese
    assert said <= set(english)
    assert {f"start.{name}" for name in NAMED_STARTS} <= set(english)


def test_every_ending_has_words():
    english = set(node("words.js", "Object.keys(WORDS.en)"))

    for ending in set(ENDINGS) - {GOES_ON}:
        name = "perpetual_check" if ending.startswith("perpetual_check") else ending
        assert f"ending.{name}" in english


def test_targets_and_choices_are_those_of_the_legal_moves():
    games = Games(1, seed=5)
    for _ in range(60):
        games.step(games.sample(), reset=False)
    legal = [action_to_usi(games.positions, int(action)) for action in games.legal[0].nonzero()[0]]
    origins = sorted({usi[:2] for usi in legal})

    asked = f"{json.dumps(origins)}.map((at) => targetsFrom(legal, at).map((to) => movesTo(legal, at, to)))"
    found = node("legal.js", f"((legal) => {asked})({json.dumps(legal)})")

    assert sorted(usi for choices in found for moves in choices for usi in moves) == sorted(legal)
    assert all(len(moves) in (1, 2) for choices in found for moves in choices)
