"""Help pages: examples that can be typed, options under headings, exit codes that there are."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

import click
import pytest

from keisei_core import errors
from keisei_core.cli.help_page import EXIT_CODES, HelpPage
from keisei_core.cli.program import EXIT_INTERRUPTED, program
from keisei_core.plugins.core_commands import CORE_COMMANDS


def pages() -> Iterator[tuple[str, HelpPage]]:
    """Yields every command of the core with what is typed for it."""
    context = click.Context(program)
    yield "", program
    for name in CORE_COMMANDS:
        command: Any = program.get_command(context, name)
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {own}", command.commands[own]) for own in command.commands)  # type: ignore[misc]


PAGES = dict(pages())
EXAMPLES = [example for page in PAGES.values() for example, _ in page.examples]


@pytest.mark.parametrize("name", PAGES)
def test_help_ends_with_examples_and_exit_codes(keisei: Any, name: str) -> None:
    code, out, err = keisei(*name.split(), "--help")

    assert (code, err) == (0, "")
    _, examples, rest = out.partition("\nExamples:\n")
    assert examples, out
    assert f"keisei {name}" in rest
    assert " ".join(rest.partition("\nExit codes:\n")[2].split()) == EXIT_CODES


@pytest.mark.parametrize("example", EXAMPLES)
def test_example_can_be_typed(keisei: Any, workshop: Any, example: str) -> None:
    """Its command is there and takes its options, whose values are not looked at."""
    workshop.model("tower", options=TOWER)
    workshop.model("baseline")
    (typed,) = [part for part in re.split(r"[<(|)]", example) if "keisei" in part]
    words = shlex.split(typed)
    words = words[words.index("keisei") + 1 :]

    context: click.Context = program.make_context("keisei", words, resilient_parsing=True)
    _, command, rest = program.resolve_command(context, words)
    if isinstance(command, click.Group):
        _, command, rest = command.resolve_command(context, rest)
    assert command is not None
    with command.make_context(command.name, rest, parent=context) as parsed:
        assert parsed.args == []


TOWER = """
import attrs


@attrs.frozen(kw_only=True)
class Options:
    tower_depth: int = 8
    tower_width: int = 8
"""


def test_options_that_set_the_config_stand_apart(keisei: Any) -> None:
    out = keisei("run", "--help")[1]
    headings = re.findall(r"^(\S.*):$", out, re.MULTILINE)

    assert headings == [
        "Options",
        "Options that set keys of the config",
        "Options of the model toy",
        "Examples",
        "Exit codes",
    ]
    own, config = out.partition("Options that set keys of the config:")[::2]
    assert "--run-dir" in own
    assert "--set" in config


@pytest.mark.parametrize("columns", [56, 80, 120, 200])
def test_help_fits_its_terminal(keisei: Any, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    for name in PAGES:
        lines = keisei(*name.split(), "--help")[1].splitlines()
        too_long = [line for line in lines if len(line) > columns]
        assert all(line.strip() in EXAMPLES for line in too_long), too_long  # these are copied whole
    assert max(map(len, EXAMPLES)) < 80


def test_every_error_has_its_exit_code_in_the_help() -> None:
    told = {int(code) for code in re.findall(r"(\d+) ", EXIT_CODES)}
    own = {getattr(errors, name).exit_code for name in errors.__all__}

    assert {0, 75, EXIT_INTERRUPTED, 143} | own == told
