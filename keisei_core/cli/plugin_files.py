"""`--plugin FILE`: a plugin without a package, for one command. A run's own files are found in its folder."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from keisei_core.cli.options import PATH, RUN_CONFIG
from keisei_core.config import home_path
from keisei_core.shown import command_line

FLAG: Final = "--plugin"


def plugin_parameter(*, is_strict: bool = True) -> click.Option:
    """Makes the flag `--plugin`.

    Args:
        is_strict: ends the command where a file does not load; False leaves that to be shown by it.
    """

    def use(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> None:
        use_named_files(paths, is_strict=is_strict)

    return click.Option(
        [FLAG],
        multiple=True,
        is_eager=True,
        expose_value=False,
        callback=use,
        metavar="FILE",
        type=PATH,
        help="Load this file beside what is installed: a plugin without a package. May stand several times.",
    )


def takes_plugin_files(command: click.Command) -> click.Command:
    """Adds `--plugin` to a command that trains, plays or measures."""
    command.params.append(plugin_parameter())
    return command


def shows_plugin_files(command: click.Command) -> click.Command:
    """Adds `--plugin` to a command that shows plugins, those that do not load as well."""
    command.params.append(plugin_parameter(is_strict=False))
    return command


def use_named_files(paths: Sequence[Path], *, is_strict: bool = True) -> None:
    """Lets this process load files beside what is installed, and copies of them from now on without being named.

    Raises:
        ConfigError: one can't be read, its name won't do, or two have one name.
        PluginError: one does not load, and `is_strict`.
    """
    if not paths:
        return
    from keisei_core.errors import PluginError
    from keisei_core.plugins.loader import load_file
    from keisei_core.plugins.plugin_file import PluginFile, refuse_taken_name, use_files
    from keisei_core.plugins.trust import remember

    for path in paths:
        file = PluginFile.read(path)
        refuse_taken_name(path)
        use_files([file])
        remember(file)
        plugin = load_file(file)
        if is_strict and plugin.failed:
            remedy = f"see: {command_line('keisei', 'plugins', 'list', '--verbose', FLAG, path)}"
            raise PluginError(f"{FLAG} {path}: is {plugin.status}: {plugin.cause}; {remedy}")


def look_ahead(args: Sequence[str]) -> None:
    """Lets this process load the files that a command line names, and those kept by the runs it names.

    Flags need the plugins before the arguments are taken apart. A file that is named goes before one of a run.

    Raises:
        ConfigError, PluginError: see `use_named_files`.
        CheckpointError: a run's file is not what the run was made with.
        PluginError: a run's file was never named on this machine.
    """
    from keisei_core.plugins.plugin_file import use_files
    from keisei_core.plugins.provenance import files_kept_at

    use_named_files(list(_named(args)))
    for path in _places(args):
        use_files(files_kept_at(path))


def _named(args: Sequence[str]) -> Iterator[Path]:
    """Yields the values of `--plugin`."""
    for index, argument in enumerate(args):
        flag, equals, value = argument.partition("=")
        if flag == FLAG and equals:
            yield home_path(value)
        elif flag == FLAG and index + 1 < len(args):
            yield home_path(args[index + 1])


def _places(args: Sequence[str]) -> Iterator[Path]:
    """Yields the run folders, checkpoints and exports that are taken up; the config of a run stands for the run.

    One in a value of `--set` is another's, e.g. the network that a teacher knows, which finds its files by itself.
    """
    for before, argument in zip(["", *args], args, strict=False):
        if before == "--set" or argument.startswith("--set="):
            continue
        path = Path(os.path.expanduser(argument.rpartition("=")[2]))
        path = path.parent if path.name == RUN_CONFIG else path
        if os.path.isdir(path):  # whatever it is, a name too long for a path too
            yield path
