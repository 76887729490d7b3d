"""`keisei init`: a config to begin with."""

from pathlib import Path
from typing import Final

import click

from keisei_core.cli.config_command import DEFAULT_CONFIG
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, FILE, debug_option
from keisei_core.config.paths import file_errors
from keisei_core.errors import ConfigError
from keisei_core.output import answer
from keisei_core.shown import command_line
from keisei_core.streams import say

EXAMPLES: Final = (
    ("keisei init", "write keisei.toml here"),
    ("keisei init mine.toml", "write it under another name"),
)


@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("file", metavar="[FILE]", type=FILE, default=DEFAULT_CONFIG)
@debug_option
def init(file: Path) -> None:
    """Writes a config into FILE (keisei.toml if none is named), every key explained; never over what stands there.

    It is the recipe that comes with Keisei: a player from nothing in a few minutes.
    """
    from keisei_core.cli.recipe import commented_recipe
    from keisei_core.plugins import load_registry

    text = commented_recipe(load_registry())
    try:
        with file_errors(file, "written"):
            _write_new(file, text)
    except ConfigError as error:
        if isinstance(error.__cause__, FileExistsError):
            remedy = command_line("keisei", "init", file.with_stem(f"{file.stem}-2"))
            raise ConfigError([f"{file}: stands there already and is never written over; {remedy}"]) from None
        raise
    answer(str(file))
    say(f"next: {command_line('keisei', 'run', file)}; what it would do: {command_line('keisei', 'check', file)}")


def _write_new(file: Path, text: str) -> None:
    """Writes a file that is not there yet, whole or not at all."""
    with file.open("x", encoding="utf-8") as opened:
        try:
            opened.write(text)
            opened.flush()
        except OSError:
            file.unlink()
            raise
