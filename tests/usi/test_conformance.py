"""`keisei usi-check` asked of our engine, of which nothing may be wrong, and of one that is known."""

import subprocess
import sys
from pathlib import Path

import pytest

from keisei_plugins_usi.conformance.check import Check
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.situations import SITUATIONS
from keisei_plugins_usi.conformance.verdict import Finding, Verdict

PATIENT = Limits(timeout=60, ready=600, slack=10)
FAIRY = Path("/usr/games/fairy-stockfish")
KNOWN = "Fairy-Stockfish 11.1 "
WRONG_IN_FAIRY = {
    "silent-start",
    "option-names",
    "option-defaults",
    "bad-values",
    "max-moves",
    "mate",
    "mate-tsume",
    "gameover-idle",
    "single-pv",
    "unknown-commands",
    "long-line",
    "stdout",
}
"""What does not depend on the machine's speed; docs/usi-check.md has all of it."""


def verdicts(command: list[str], *names: str) -> dict[Verdict, dict[str, Finding]]:
    """Returns what comes of situations, all where none is named, by verdict and name."""
    asked = [situation for situation in SITUATIONS if not names or situation.name in names]
    found: dict[Verdict, dict[str, Finding]] = {verdict: {} for verdict in Verdict}
    for finding in Check(command, PATIENT).findings(asked):
        found[finding.verdict][finding.situation.name] = finding
    return found


def test_nothing_is_wrong_with_our_engine(engine: Path) -> None:
    found = verdicts([str(engine)])

    assert {name: finding.came for name, finding in found[Verdict.WRONG].items()} == {}
    assert set(found[Verdict.NOT_ASKED]) <= {"isready-lives", "ponder-move", "exception"}


def test_nothing_is_wrong_with_a_player_that_does_not_search() -> None:
    command = [sys.executable, "-m", "keisei_core", "usi", "--player", "random"]
    names = [
        "stop",
        "infinite",
        "ponderhit",
        "mated",
        "tsume",
        "mate",
        "drop-written",
        "byoyomi",
        "multi-pv",
        "quit-thinking",
    ]

    found = verdicts(command, *names)

    assert {name: finding.came for name, finding in found[Verdict.WRONG].items()} == {}


@pytest.mark.skipif(not FAIRY.is_file(), reason="fairy-stockfish is not installed (a package of Debian)")
def test_what_is_known_to_be_wrong_with_fairy_stockfish_is_found() -> None:
    hello = subprocess.run([FAIRY], input="usi\nquit\n", capture_output=True, text=True, timeout=60, check=True).stdout
    if KNOWN not in hello:
        pytest.skip(f"fairy-stockfish is not {KNOWN}, of which it is known what is wrong")
    found = verdicts([str(FAIRY)], *WRONG_IN_FAIRY, "usi", "position-forms", "drop-told", "mated", "idle", "pv")

    assert set(found[Verdict.WRONG]) == WRONG_IN_FAIRY
