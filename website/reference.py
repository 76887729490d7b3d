"""The reference: the help of every command as click writes it, and a page for each public package of the core."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click

import keisei_core
from keisei_core.cli.program import program
from keisei_core.cli.sub_commands import plugin_commands
from keisei_core.plugins import load_registry

CORE: Final = Path(keisei_core.__file__).parent
MODULES: Final = ("errors", "distribution", "precision", "plugins.hookspecs")
"""Public beside the packages that export names."""
NOT_FOR_OTHERS: Final = {"cli", "templates"}
WIDTH: Final = 100
"""Columns of a help page."""


def reference() -> dict[str, str]:
    """Returns all pages by name."""
    return {"commands.md": commands_page(), **{f"{name}.md": module_page(name) for name in public_modules()}}


def commands() -> Iterator[tuple[str, str]]:
    """Yields every command with its help: those of the core, then those of plugins, sub-commands behind their own."""
    context = click.Context(program, info_name="keisei", terminal_width=WIDTH)
    yield "keisei", program.get_help(context)
    for name in (*program.list_commands(context), *plugin_commands(load_registry())):
        command = program.get_command(context, name)
        assert command is not None
        yield from helps(command, click.Context(command, info_name=name, parent=context))


def helps(command: click.Command, context: click.Context) -> Iterator[tuple[str, str]]:
    """Yields a command's help, and those of its own commands."""
    yield context.command_path, command.get_help(context)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            own: Any = command.get_command(context, name)
            yield from helps(own, click.Context(own, info_name=name, parent=context))


def commands_page() -> str:
    """Writes the page of commands."""
    parts = [
        "# Commands\n\nWhat `--help` says of every command, those of the packages that come with Keisei included.\n"
    ]
    return "\n".join([*parts, *(f"## {name}\n\n```text\n{told.rstrip()}\n```\n" for name, told in commands())])


def public_modules() -> list[str]:
    """Returns the modules whose names may be relied on: packages that say what they export, and those of `MODULES`."""
    packages = [path.parent for path in CORE.glob("*/__init__.py") if exports(path)]
    names = [path.name for path in packages if path.name not in NOT_FOR_OTHERS]
    return ["keisei_core", *sorted(f"keisei_core.{name}" for name in (*names, *MODULES))]


def exports(path: Path) -> bool:
    """Tells whether a module has an `__all__`."""
    assigned = (node for node in ast.parse(path.read_text(encoding="utf-8")).body if isinstance(node, ast.Assign))
    return any(isinstance(name, ast.Name) and name.id == "__all__" for node in assigned for name in node.targets)


def module_page(name: str) -> str:
    """Writes the page of a module, which the site's tool fills from its docstrings."""
    return f"# {name}\n\n::: {name}\n"
