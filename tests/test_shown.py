"""What others wrote can't command a terminal, wherever it comes to light."""

import ast
import io
import json
import logging
import sys
from importlib import import_module
from pathlib import Path

import pytest

import keisei_core
from keisei_core.shown import command_line, first_line, shown, shown_lines

ROOT = Path(keisei_core.__file__).parent
HOSTILE = "\x1b]0;OWNED\x07\x9b31m\u202egnp\u2066\r\b\x00\x7f"
TOLD = r"\x1b]0;OWNED\x07\x9b31m\u202egnp\u2066\r\x08\x00\x7f"
DOORS = {"output.py": "answer", "streams.py": "say"}
"""The only files that write to a terminal, and how."""


@pytest.mark.parametrize("code", [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), 0xDC80])
def test_character_that_is_not_printed_is_escaped(code):
    assert shown(f"a{chr(code)}b") == "a" + chr(code).encode("unicode_escape").decode() + "b"


@pytest.mark.parametrize("text", ["plain", "駒 歩　é", "a\\b", "'quoted'", "\U0001f600", ""])
def test_character_that_is_printed_stays(text):
    assert shown(text) == shown_lines(text) == text


def test_lines_stay_lines_where_several_are_meant():
    assert shown("a\n\tb") == r"a\n\tb"
    assert shown_lines(f"a\n\tb{HOSTILE}") == f"a\n\tb{TOLD}"


def test_command_is_quoted_and_shown():
    assert command_line("keisei", "resume", "runs/a") == "keisei resume runs/a"
    assert command_line("keisei", "resume", "a b'; rm -rf $HOME") == """keisei resume 'a b'"'"'; rm -rf $HOME'"""
    assert command_line("x", "\x1b") == r"x '\x1b'"


@pytest.mark.parametrize(
    ("error", "told"),
    [(ValueError("one\ntwo"), "one"), (ValueError("\n  two \n"), "two"), (ValueError(), "ValueError")],
)
def test_first_line_of_an_exception_says_something(error, told):
    assert first_line(error) == told


def test_message_that_is_logged_is_shown(caplog):
    with caplog.at_level(logging.WARNING, "keisei"):
        logging.getLogger("keisei").warning("damaged: %s", HOSTILE)

    assert caplog.messages == [f"damaged: {TOLD}"]


def test_lines_of_the_live_display_and_above_it_are_shown(monkeypatch):
    from keisei_core.display import Display

    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    display = Display(lambda _: [f"in it {HOSTILE}"])
    display.say(f"above {HOSTILE}")
    display.close()

    assert f"in it {TOLD}" in written.getvalue()
    assert f"above {TOLD}" in written.getvalue()
    assert "OWNED\x07" not in written.getvalue()


@pytest.mark.parametrize(("module", "name"), DOORS.items())
def test_line_that_is_said_is_shown(capsys, module, name):
    getattr(import_module(f"keisei_core.{module.removesuffix('.py')}"), name)(f"a\n{HOSTILE}")

    assert "".join(capsys.readouterr()) == f"a\n{TOLD}\n"


def writes(path):
    """Yields the calls that write to a stream by themselves."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in {"print", "click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write"} or (
                called.startswith("traceback.print_")
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {called}"


def test_nothing_writes_to_a_terminal_but_through_the_doors():
    paths = [path for path in ROOT.rglob("*.py") if "templates" not in path.parts]
    found = [call for path in paths if str(path.relative_to(ROOT)) not in DOORS for call in writes(path)]

    assert found == []


@pytest.mark.parametrize(
    "words", [("games",), ("run", "--"), ("resume", "--"), ("match", "random"), ("plugins", "show"), ()]
)
def test_hostile_command_line_is_shown(capsys, words):
    from keisei_core.cli import main

    assert main([*words, HOSTILE.replace("\0", "")]) != 0
    assert not has_control(capsys.readouterr())


def test_hostile_games_file_is_shown(capsys, tmp_path):
    from keisei_core.cli import main

    start = "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1"
    good = {"sfen": start, "moves": [], "ending": HOSTILE, "winner": "", "black": HOSTILE, "white": f"{HOSTILE}\n"}
    bad = [{"moves": [HOSTILE]}, {"winner": HOSTILE}, {"sfen": HOSTILE}, {HOSTILE: 1, "moves": 1}]
    path = tmp_path / "g\x1b[2J.jsonl"
    path.write_text("\n".join(json.dumps(good | change) for change in ({}, *bad[:3])))

    for words in ((), *(("--game", str(number), "--format", form) for number in range(5) for form in ("kif", "csa"))):
        main(["games", str(path), *words])
        assert not has_control(capsys.readouterr())
    path.write_text(json.dumps(good | bad[3]) + "\n")
    assert main(["games", str(path)]) == 2
    assert not has_control(capsys.readouterr())


def has_control(captured):
    return any(
        character != "\n" and not character.isprintable() and character != "　" for character in "".join(captured)
    )
