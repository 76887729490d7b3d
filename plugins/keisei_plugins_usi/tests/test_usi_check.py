"""`keisei usi-check`: what it prints, and how it ends."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from keisei_core.testing import CommandContract
from keisei_plugins_usi.conformance.command import WRONG, usi_check
from keisei_plugins_usi.conformance.report import markdown
from keisei_plugins_usi.conformance.situations import SITUATIONS
from keisei_plugins_usi.conformance.verdict import Finding, Verdict

ECHO = 'import sys\nfor line in sys.stdin: print("usiok" if line == "usi\\n" else "readyok", flush=True)'
ENGINE = [sys.executable, "-S", "-E", "-c", ECHO]
"""Is always ready, and says nothing else."""
FAIRY = Path("/usr/games/fairy-stockfish")
SAYS_NOTHING = ("--only", "silent-start")


class TestUsiCheck(CommandContract):
    name = "usi-check"
    works = (*SAYS_NOTHING, "sleep", "60")
    refuses = ("--only", "no-such-situation", "true")


def call(*words: str) -> Result:
    """Calls the command."""
    return CliRunner().invoke(usi_check, words, standalone_mode=False)


def test_engine_that_is_never_wrong_ends_with_0() -> None:
    done = call(*SAYS_NOTHING, *ENGINE)

    assert (done.return_value, done.output.splitlines()[-1]) == (0, "1 ok, 0 wrong, 0 not asked")


def test_engine_that_is_wrong_ends_with_8_and_is_told_why_it_matters() -> None:
    done = call("--only", "max-moves", *ENGINE)

    assert done.return_value == WRONG
    assert done.output == (
        "row  situation               verdict    what came\n"
        " 40  max-moves               wrong      neither of them\n"
        "       sent: usi\n"
        "       must: a spin MaxMovesToDraw or Draw_Ply\n"
        "       why:  ShogiArena with sync_max_plies_with_engine refuses an engine without one of the two.\n"
        "0 ok, 1 wrong, 0 not asked\n"
    )


def test_json_has_every_column() -> None:
    told = json.loads(call("--only", "max-moves", "--only", "exception", "--json", *ENGINE).output)

    assert told["command"] == ENGINE
    assert told["counts"] == {"ok": 0, "wrong": 1, "not asked": 1}
    assert set(told["situations"][0]) == {"row", "name", "verdict", "came", "seconds", "sent", "must", "why"}


def test_markdown_is_a_table_whatever_the_engine_says() -> None:
    table = markdown([Finding(SITUATIONS[0], Verdict.WRONG, "'a | b \x1b[1m', where nothing is due", 0.0)])

    assert table.splitlines()[2].split(" | ")[4] == "'a \\| b \\x1b[1m', where nothing is due"


def test_markdown_is_printed_where_it_is_asked_for() -> None:
    assert call("--only", "max-moves", "--markdown", *ENGINE).output.splitlines()[2].startswith("| 40 | `max-moves` |")


def test_words_behind_the_command_are_the_engines() -> None:
    engine = "import sys; input(); print('id name', sys.argv[1:], '\\nid author x\\nusiok', flush=True); input()"
    done = call("--only", "usi", sys.executable, "-S", "-E", "-c", engine, "--json")

    assert "['--json']" in done.output


@pytest.mark.skipif(not FAIRY.is_file(), reason="fairy-stockfish is not installed (Debian has it)")
def test_fairy_stockfish_keeps_what_it_kept_before() -> None:
    names = ["usi", "isready-again", "position-forms", "drop-told", "mated", "go-depth", "idle", "quit-thinking", "pv"]
    only = [word for name in names for word in ("--only", name)]

    done = call(*only, "--slack", "60", "--timeout", "60", str(FAIRY))

    assert done.return_value == 0, done.output
