"""The command's frame: its sub-commands, and the one place where an error becomes a message and an exit code."""

import errno
import os
import sys
from collections.abc import Sequence
from io import StringIO
from typing import Final

import click

from keisei_core import PLUGIN_API, __version__
from keisei_core.cli.ending import end_in_time, end_now
from keisei_core.cli.options import CONTEXT, Invocation
from keisei_core.cli.sub_commands import SubCommands
from keisei_core.errors import ConfigError, KeiseiError, PluginError, RunFolderError
from keisei_core.output import answer, own_stdout
from keisei_core.plugins.ctrl_c import not_ended_by_wish_to_save, noting_ctrl_c
from keisei_core.streams import SturdyStream, say, sturdy_streams

EXIT_UNEXPECTED = 1
EXIT_INTERRUPTED = 130
"""Ctrl-C outside of a run; a run itself saves first."""


EXAMPLES: Final = (
    ("keisei run keisei.toml", "train a player; the folder is runs/<date>"),
    ("keisei match runs/mine alphabeta", "how strong it is against a search of depth 1"),
    ("keisei games runs/mine", "games that it played while it learned"),
    ("keisei plugins list", "what models, players and so on there are"),
)


@click.group(cls=SubCommands, examples=EXAMPLES, context_settings=CONTEXT, invoke_without_command=True)
@click.version_option(__version__, message=f"keisei %(version)s (plugin API {PLUGIN_API[0]}.{PLUGIN_API[1]})")
@click.pass_context
def program(context: click.Context) -> None:
    """Trains Shogi players by self-play; every part is a plugin, chosen by name in a TOML file.

    A run lies in a folder, runs/<date>: what resume, games and export take, and a player for match and ladder.
    """
    if context.invoked_subcommand is None:
        answer(context.get_help())
    elif not _has_working_folder():
        raise ConfigError(["the working folder is gone; change to one that exists, then try again"])


def _has_working_folder() -> bool:
    """Tells whether there is one; where not, torch would end the process without a word of what is wrong."""
    try:
        os.getcwd()
    except FileNotFoundError:
        return False
    return True


@program.result_callback()
@click.pass_obj
def _has_its_own_code(invocation: Invocation, code: object) -> object:
    """Notes a command, such as a run, that did more than to print."""
    invocation.has_its_own_code = isinstance(code, int)
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code: 1 for what is only printed where it could not be.

    stdout gets the answers of the command and nothing else.

    Args:
        arguments: None takes those of the process, which ends then: nobody writes to stdout after it, and no thread
            that a plugin left holds it up.
    """
    code, invocation = EXIT_UNEXPECTED, Invocation()
    try:
        with own_stdout(is_for_good=arguments is None):
            code = _called(arguments, invocation)
    finally:
        if arguments is None:
            (end_now if invocation.ends_at_once else end_in_time)(code)
    return code


def _called(arguments: Sequence[str] | None, invocation: Invocation) -> int:
    """Runs the command line; the one place where an error becomes a message and an exit code."""
    with sturdy_streams() as stdout:
        code = _call(arguments, invocation)
        stdout.flush()
        _tell(stdout)
    return 1 if stdout.failure and code == 0 and not invocation.has_its_own_code else code


def _tell(stdout: SturdyStream) -> None:
    """Says what became of the output; a reader that left, as `head` does, knows."""
    if stdout.failure and not isinstance(stdout.failure, BrokenPipeError):
        say(f"keisei: error: stdout can't be written: {stdout.failure}")
    if stdout.has_escaped:
        told = f"stdout's encoding ({stdout.encoding}) lacks some characters, which are written as escapes"
        say(f"keisei: warning: {told}; set PYTHONIOENCODING=utf-8")


def _call(arguments: Sequence[str] | None, invocation: Invocation) -> int:
    """Runs the command line and makes an exit code of what it raises."""
    try:
        if "_KEISEI_COMPLETE" in os.environ:
            _use_shells()
        with noting_ctrl_c(), not_ended_by_wish_to_save():
            code = program.main(arguments, prog_name="keisei", standalone_mode=False, obj=invocation)
    except KeiseiError as error:
        # A file that a plugin misses is no fault of the run folder.
        if isinstance(error, RunFolderError) and _is_of_a_plugin(error.__cause__):
            return PluginError.exit_code
        _report(error, invocation)
        return error.exit_code
    except click.ClickException as error:
        told = StringIO()
        error.show(told)
        say(told.getvalue().rstrip("\n"))
        return error.exit_code
    except click.Abort:  # what click makes of Ctrl-C
        return EXIT_INTERRUPTED
    except Exception as error:
        if _is_of_a_plugin(error):
            return PluginError.exit_code
        if not isinstance(error, OSError) or error.errno != errno.ENAMETOOLONG:
            raise
        problem = f"{str(error.filename)[:40]}...: expected a path that the system takes, got one that is too long"
        _report(ConfigError([problem]), invocation)
        return ConfigError.exit_code
    finally:
        _forget_plugins()
    return code if isinstance(code, int) else 0


def _use_shells() -> None:
    """Lets a shell that asks what may be typed be answered."""
    from keisei_core.cli.completing.shells import use_shells

    use_shells()


def _forget_plugins() -> None:
    """Leaves files of `--plugin` and `[plugins]` of a config to this command alone, where a process calls several."""
    if "keisei_core.plugins.plugin_file" in sys.modules:  # help does without
        sys.modules["keisei_core.plugins.plugin_file"].forget_files()
        sys.modules["keisei_core.plugins.selection"].keep_to()


def _is_of_a_plugin(error: BaseException | None) -> bool:
    """Shows the traceback of an exception that was raised in a plugin, with whose it is."""
    from keisei_core.plugins.blame import blame

    if error is None or not blame(error):
        return False
    _show_traceback(error)
    return True


def _show_traceback(error: BaseException) -> None:
    import traceback

    say("".join(traceback.format_exception(error)).rstrip("\n"))


def _report(error: KeiseiError, invocation: Invocation) -> None:
    """Writes an error to stderr, one line for each problem, with the traceback if it was asked for."""
    if invocation.debug:
        _show_traceback(error)
    if error.__cause__ is not None and not isinstance(error, PluginError):  # which says it already
        from keisei_core.plugins.blame import blame

        blame(error)
    problems = error.problems if isinstance(error, ConfigError) else (str(error),)
    for problem in (*problems, *getattr(error, "__notes__", ())):
        say(f"keisei: error: {problem}")
