"""The check comes to its end whatever the engine does, and leaves nothing running."""

import os
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from keisei_core.errors import ConfigError
from keisei_plugins_usi.conformance.check import Check
from keisei_plugins_usi.conformance.command import chosen
from keisei_plugins_usi.conformance.limits import Limits
from keisei_plugins_usi.conformance.situations import SITUATIONS
from keisei_plugins_usi.conformance.verdict import Finding, Verdict

PATIENT = Limits(timeout=60, ready=60, slack=60)
HASTY = Limits(timeout=2, ready=0.2, slack=0.1, hush=0.05)
READY = """
import sys
for line in sys.stdin:
    print({"usi": "usiok", "isready": "readyok"}.get(line.strip(), ""), flush=True)
"""


def findings(command: list[str], *only: str, limits: Limits = HASTY) -> dict[str, Finding]:
    """Returns what comes of situations, by their names."""
    return {finding.situation.name: finding for finding in Check(command, limits).findings(chosen(only))}


def script(text: str) -> list[str]:
    """Returns the command of an engine in Python."""
    return [sys.executable, "-S", "-E", "-c", text]


@pytest.mark.parametrize("command", ["true", "cat", "exec >&-; sleep 60"])
def test_program_that_is_no_engine_is_found_out_at_usi_and_asked_little_else(command: str) -> None:
    found = findings(["sh", "-c", command])

    assert found["usi"].verdict is Verdict.WRONG
    assert found["stop"].verdict is Verdict.NOT_ASKED
    assert found["stop"].came.startswith("the engine does not get ready")
    assert Counter(finding.verdict for finding in found.values())[Verdict.OK] <= 6  # nothing said, and ended in time


@pytest.mark.parametrize("command", ["yes usi", "tr '\\0' x < /dev/zero"], ids=["lines", "one line without an end"])
def test_flood_is_read_to_its_limit_and_told(command: str) -> None:
    found = findings(["sh", "-c", command], "usi", limits=PATIENT)

    assert found["usi"].came.endswith("more than 8 MiB or 100,000 lines")


def test_engine_that_ends_at_every_search_is_started_again() -> None:
    engine = script(READY + """    if line.startswith("go"): sys.exit(7)\n""")
    found = findings(engine, "go-depth", "byoyomi", "gameover-idle", limits=PATIENT)

    assert [finding.came.endswith(": it ended with exit code 7") for finding in found.values()] == [True] * 3


def test_last_words_of_an_engine_are_told() -> None:
    found = findings(["sh", "-c", "echo no such file: eval.bin >&2; exit 3"], "usi", limits=PATIENT)

    assert found["usi"].came.endswith("it ended with exit code 3, its last words: no such file: eval.bin")


def test_what_an_engine_started_is_ended_with_it(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    findings(["sh", "-c", f"sleep 600 & echo $! > {note}; wait"], "usi")

    assert has_ended(int(note.read_text()))


def test_check_that_is_broken_off_leaves_nothing(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    engine = script(f"import os; open({str(note)!r}, 'w').write(str(os.getpid()))\n{READY}")
    begun = Check(engine, PATIENT).findings(chosen(["isready-again", "max-moves"]))
    next(begun)
    begun.close()

    assert has_ended(int(note.read_text()))


def test_nothing_is_asked_when_the_time_is_over() -> None:
    found = findings(["sleep", "60"], limits=Limits(total=0))

    assert {finding.verdict for finding in found.values()} == {Verdict.NOT_ASKED}


def test_command_that_there_is_not_is_refused() -> None:
    with pytest.raises(
        ConfigError, match="expected a command that starts an engine, got 'no/such/engine': No such file"
    ):
        findings(["no/such/engine"])


def test_only_knows_rows_and_names() -> None:
    assert {situation.row for situation in chosen(["26"])} == {26}
    assert [situation.name for situation in chosen(["ponderhit"])] == ["ponderhit"]
    assert chosen([]) == list(SITUATIONS)


def test_only_refuses_others_with_the_nearest() -> None:
    with pytest.raises(ConfigError, match=r"got 'ponderhits'; did you mean"):
        chosen(["ponderhits"])


def has_ended(process: int) -> bool:
    """Waits until a process that is no child has gone."""
    for _ in range(600):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        if Path(f"/proc/{process}/stat").is_file() and ") Z " in Path(f"/proc/{process}/stat").read_text():
            return True  # nobody waits for it, where this runs without an init
        time.sleep(0.1)
    return False
