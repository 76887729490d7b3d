"""Commands of plugins: listed in the help without being imported, found by name, blamed on their package."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from keisei_core.cli.sub_commands import ALSO_CALLED, SubCommands
from keisei_core.plugins.core_commands import CORE_COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "plugins" / "commands.md").read_text(encoding="utf-8")
HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_commands():
    return [Component(name="{name}", target="{module}.command:command", summary="does {name}")]
"""
COMMAND = """
import click


@click.command()
@click.argument("number", type=int)
def command(number):
    "Says a number and ends with it."
    click.echo(f"number {number}")
    return number
"""


def bring(workshop: Any, name: str = "count", source: str = COMMAND, distribution: str = "") -> str:
    """Installs a plugin with one command."""
    module: str = workshop.plugin(
        HOOKS,
        name=name,
        entry=name,
        distribution=distribution or f"keisei-plugins-{name}",
        files={"command": source},
    )
    return module


def test_help_lists_commands_of_plugins_apart_and_imports_none(keisei: Any, workshop: Any) -> None:
    module = bring(workshop, source="1 / 0")

    code, out, err = keisei("--help")

    assert (code, err) == (0, "")
    core, _, behind = out.partition("\nPlugins' commands:\n")
    assert behind.partition("\n\n")[0].split() == ["count", "does", "count"]
    assert ["run", "Train", "a", "player", "by", "self-play."] in [line.split() for line in core.splitlines()]
    assert f"{module}.command" not in sys.modules


def test_help_without_such_plugins_has_no_such_list(keisei: Any) -> None:
    assert "Plugins' commands" not in keisei("--help")[1]


def test_command_of_a_plugin_gets_its_arguments_and_gives_its_exit_code(keisei: Any, workshop: Any) -> None:
    bring(workshop)

    assert keisei("count", "4") == (4, "number 4\n", "")
    assert keisei("count", "four")[0] == 2


def test_help_of_a_command_is_its_own(keisei: Any, workshop: Any) -> None:
    bring(workshop)

    code, out, _ = keisei("count", "-h")

    assert code == 0
    assert out.startswith("Usage: keisei count [OPTIONS] NUMBER\n")


def test_command_of_the_core_wins_and_the_plugin_is_told(keisei: Any, workshop: Any) -> None:
    module = bring(workshop, "games", "1 / 0")
    told = "command 'games' is Keisei's own and never this plugin's; give it another name"

    assert keisei("games", "--help")[1].startswith("Usage: keisei games [OPTIONS] RUN|FILE\n")
    assert "Plugins' commands" not in keisei("--help")[1]
    assert f"    warning: {told}\n" in keisei("plugins", "list", "--verbose")[1]
    assert keisei("run")[2].startswith(f"keisei: warning: plugin keisei-plugins-games 1.2.3: {told}\n")
    assert keisei("keisei-plugins-games:games")[0] == 2
    assert f"{module}.command" not in sys.modules


def test_unknown_command_gets_the_nearest_of_all(keisei: Any, workshop: Any) -> None:
    bring(workshop)

    assert "No such command 'rnu'; did you mean 'run'?" in keisei("rnu")[2]
    code, _, err = keisei("cuont")
    assert code == 2
    assert "No such command 'cuont'; did you mean 'count'?" in err


@pytest.mark.parametrize(("typed", "meant"), [("train", "run"), ("trian", "run"), ("evaluate", "match")])
def test_other_programs_word_for_a_command_gets_ours(keisei: Any, typed: str, meant: str) -> None:
    assert f"No such command {typed!r}; did you mean {meant!r}?" in keisei(typed)[2]


def test_other_words_mean_commands_that_there_are() -> None:
    assert set(ALSO_CALLED.values()) <= set(CORE_COMMANDS)
    assert not set(ALSO_CALLED) & set(CORE_COMMANDS)


def test_unknown_command_near_a_plugin_that_failed_says_why(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-xyz", entry="xyz")

    code, _, err = keisei("xyz")

    assert code == 3
    assert "No such command 'xyz'\n" in err
    assert "not loaded: keisei-plugins-xyz:xyz 1.2.3" in err
    assert keisei("rnu")[0] == 2


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("command = print", "command:command must be a click.Command, got <built-in function print>"),
        ("", "has no attribute 'command'"),
    ],
)
def test_command_that_can_not_be_used_exits_3_with_its_package(
    keisei: Any, workshop: Any, source: str, cause: str
) -> None:
    bring(workshop, source=source)

    code, _, err = keisei("count")

    assert code == 3
    assert "command 'count' of keisei-plugins-count 1.2.3 can't be used: " in err
    assert cause in err


def test_exception_of_a_command_exits_3_with_traceback_and_owner(keisei: Any, workshop: Any) -> None:
    bring(workshop, source=COMMAND.replace("return number", "return 1 // number"))

    code, _, err = keisei("count", "0")

    assert code == 3
    assert err.splitlines()[-2].startswith("ZeroDivisionError: ")
    assert err.splitlines()[-1].startswith("raised in plugin keisei-plugins-count 1.2.3 (")


def test_command_of_two_plugins_is_called_with_its_distribution(keisei: Any, workshop: Any) -> None:
    bring(workshop, distribution="keisei-plugins-one")
    bring(workshop, distribution="keisei-plugins-two", source=COMMAND.replace("number {number}", "two {number}"))

    code, _, err = keisei("count", "0")

    assert code == 3
    assert "write 'keisei-plugins-one:count' or 'keisei-plugins-two:count'" in err
    assert keisei("keisei-plugins-two:count", "0") == (0, "two 0\n", "")
    assert "  keisei-plugins-one:count  does count\n" in keisei("--help")[1]


def test_page_and_list_tell_how_a_command_is_called(keisei: Any, workshop: Any) -> None:
    bring(workshop)

    assert "  keisei count\n" in keisei("plugins", "show", "count")[1]
    listed = json.loads(keisei("plugins", "list", "--kind", "command", "--json")[1])
    assert [plugin["name"] for plugin in listed["plugins"]] == ["keisei-plugins-count"]


def test_example_of_the_page_is_called_by_its_name(keisei: Any, workshop: Any) -> None:
    files = dict(re.findall(r"```python\n# (\w+)\.py\n(.*?)```", PAGE, re.DOTALL))
    hooks = files["hooks"].replace("moves:moves", "{module}.moves:moves")
    workshop.plugin(hooks, distribution="keisei-plugins-moves", files={"moves": files["moves"]})

    assert keisei("moves", "--count", "8k/9/9/9/9/9/9/9/K8 b P 1")[:2] == (0, "74\n")
    code, _, err = keisei("moves", "no position")
    assert (code, err.count("keisei: error: ")) == (2, 1)


def test_every_command_of_the_core_is_imported_by_its_name() -> None:
    group = SubCommands()
    for name in CORE_COMMANDS:
        command = group.get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        assert command.name == name
