"""Flags that set keys of the config, each remembered with what the user typed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from keisei_core.cli.help_page import HeadedOption

CONTEXT: Final[dict[str, Any]] = {
    "help_option_names": ["-h", "--help"],
    "max_content_width": 120,
    # `--tower_depth` is `--tower-depth`, for every flag.
    "token_normalize_func": lambda token: token.replace("_", "-"),
}
"""Settings of every command of the program."""

OVERRIDES: Final = "keisei_core.cli.overrides"
"""Key of `context.meta`: the list of `(table.key, value, flag)` in the order of the command line."""

RUN_CONFIG: Final = "config.toml"
"""Name of the config in a run folder."""


OF_CONFIG: Final = "Options that set keys of the config"
"""Heading in the help."""


class UserPath(click.Path):
    """A path in which `~` is the home folder: a shell leaves it as it is in `--run-dir=~/mine`."""

    def __init__(self, *, dir_okay: bool = True) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the path.

        Raises:
            ConfigError: there is no such home folder.
        """
        from keisei_core.config.paths import home_path  # which brings attrs: help does without

        return super().convert(home_path(value), param, ctx)


PATH: Final = UserPath()
FILE: Final = UserPath(dir_okay=False)
"""What may not be a folder."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Invocation:
    """What one call of the program was asked for, beside its command."""

    def __init__(self) -> None:
        self.debug = False
        self.has_its_own_code = False
        """Whether the command came to its end with an exit code of its own."""
        self.ends_at_once = False
        """Whether somebody waits for the process to end, as a user interface does for an engine."""


def overrides(context: click.Context) -> list[tuple[str, Any, str]]:
    """Returns the list that the flags of this command line write to."""
    found: list[tuple[str, Any, str]] = context.meta.setdefault(OVERRIDES, [])
    return found


def config_option(
    flag: str, key: str, value: Callable[[Any], Any] = str, *, heading: str = OF_CONFIG, **settings: Any
) -> click.Option:
    """Makes a flag that sets a key.

    Args:
        flag: as click declares it, e.g. `--seed`.
        key: `table.key`.
        value: turns what was typed into a TOML value.
        heading: in the help.
        settings: more of click's own arguments.
    """

    def remember(context: click.Context, option: click.Parameter, given: Any) -> None:
        if given is not None:
            overrides(context).append((key, value(given), option.opts[0]))

    # Without default a switch that is not given is None, not False.
    return HeadedOption([flag], callback=remember, expose_value=False, default=None, heading=heading, **settings)


def _remember_debug(context: click.Context, _: click.Parameter, is_given: bool) -> None:
    if is_given:
        context.ensure_object(Invocation).debug = True


def debug_option(command: Command) -> Command:
    """Adds `--debug`."""
    option = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        callback=_remember_debug,
        help="Show the traceback of an error.",
    )
    return option(command)
