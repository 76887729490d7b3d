"""What is asked of a command."""

import subprocess
import sys
from collections.abc import Sequence
from typing import Final

import attrs
import click
from click.testing import CliRunner

from keisei_core.errors import KeiseiError
from keisei_core.plugins.core_commands import CORE_COMMANDS
from keisei_core.testing.check import Check
from keisei_core.testing.component import HEAVY, IMPORT_TIMEOUT_S
from keisei_core.testing.contract_error import ContractError, NotAskedError, ask_only_if, require
from keisei_core.testing.under_test import UnderTest

UNKNOWN: Final = "--no-such-option-of-any-command"


@attrs.frozen
class Called:
    """What came of a command line."""

    code: int
    said: str
    """On stdout and stderr together."""


@attrs.frozen(kw_only=True)
class CommandUnderTest(UnderTest):
    """A command and the command lines that its author declares; `make` returns the command itself."""

    works: Sequence[str] | None = None
    """Words after the command's name with which it ends well; None where there are none to try."""
    refuses: Sequence[str] | None = None
    """Words that it must refuse, e.g. the path of nothing; None where it refuses none."""

    @property
    def name(self) -> str:
        """What is typed after `keisei`."""
        return self.choice.name if self.choice is not None else self.command().name or "command"

    def command(self) -> click.Command:
        """Returns the command; of anything else one check alone complains."""
        command: object = self.make()
        ask_only_if(isinstance(command, click.Command), "no command")
        assert isinstance(command, click.Command)
        return command

    def call(self, *words: str) -> Called:
        """Calls the command as `keisei NAME WORDS` does; what `keisei` would show as a traceback is raised."""
        result = CliRunner().invoke(self.command(), words, prog_name=f"keisei {self.name}", standalone_mode=False)
        error = result.exception
        if isinstance(error, (click.ClickException, KeiseiError)):
            return Called(error.exit_code, f"{result.output}{error}")
        require(not isinstance(error, SystemExit), "a command must return its exit code, it called sys.exit")
        if error is not None:
            raise error
        # Outside of standalone mode click gives what the command returned.
        returned = result.return_value
        return Called(returned if isinstance(returned, int) else result.exit_code, result.output)


def check_target_is_a_click_command(under_test: CommandUnderTest) -> None:
    """The target is a `click.Command`; a plain function has no help and takes no words."""
    command: object = under_test.make()
    require(isinstance(command, click.Command), f"target must be a click.Command, got {command!r}")


def check_name_is_free(under_test: CommandUnderTest) -> None:
    """No command of Keisei's own is called so: that one would be called in its place."""
    ask_only_if(under_test.choice is not None, "a target without a package")
    name = under_test.name
    require(name not in CORE_COMMANDS, f"command {name!r} is Keisei's own, which always wins; give it another name")


def check_help_says_what_it_does(under_test: CommandUnderTest) -> None:
    """`--help` ends well and has a line about the command."""
    text = under_test.command().help or ""
    called = under_test.call("--help")
    require(called.code == 0, f"--help must end with 0, got {called.code}: {called.said}")
    require(bool(text.strip()), "a command must say what it does; write a docstring, or help='...'")


def check_help_loads_nothing_heavy(under_test: CommandUnderTest) -> None:
    """Importing the command loads neither torch, numba nor numpy, so that its help is quick; calling it may."""
    choice = under_test.choice
    ask_only_if(choice is not None, "a target without a package")
    assert choice is not None
    ask_only_if(not choice.owner.sha256, "a file that is asked for by name")
    module = choice.component.target.partition(":")[0]
    script = f"import sys\nsys.path[:] = {sys.path!r}\nimport {module}\n"
    script += f"print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=IMPORT_TIMEOUT_S)
    ask_only_if(done.returncode == 0, "the module can't be imported")
    loaded = done.stdout.splitlines()[-1]
    require(loaded == "[]", f"{module} must load neither torch nor numba nor numpy when it is imported, got {loaded}")


def check_unknown_option_is_refused(under_test: CommandUnderTest) -> None:
    """A misspelt option is an error of the command line, exit code 2, and never overlooked."""
    called = under_test.call(UNKNOWN)
    require(called.code == 2, f"{UNKNOWN} must end with exit code 2, got {called.code}: {called.said}")


def check_good_call_ends_well(under_test: CommandUnderTest) -> None:
    """The command line that its author declares as one that works ends with 0."""
    ask_only_if(under_test.works is not None, "works is not defined")
    called = under_test.call(*under_test.works or ())
    require(called.code == 0, f"{under_test.works} must end with 0, got {called.code}: {called.said}")


def check_bad_call_is_told(under_test: CommandUnderTest) -> None:
    """What can't be done is told by a `KeiseiError` or an error of click, with an exit code, and not by a traceback."""
    ask_only_if(under_test.refuses is not None, "refuses is not defined")
    words = under_test.refuses or ()
    try:
        called = under_test.call(*words)
    except NotAskedError:
        raise
    except Exception as error:
        text = f"{words} must be refused by a KeiseiError or a click.ClickException, got {error!r}"
        raise ContractError(text) from error
    require(called.code != 0, f"{words} must be refused, got exit code 0: {called.said}")


COMMAND_CHECKS: Final[tuple[Check, ...]] = (
    check_target_is_a_click_command,
    check_name_is_free,
    check_help_says_what_it_does,
    check_help_loads_nothing_heavy,
    check_unknown_option_is_refused,
    check_good_call_ends_well,
    check_bad_call_is_told,
)
