"""The contract of commands finds what is wrong on purpose, and nothing else."""

import inspect
from typing import Any

import click
import pytest

from keisei_core.plugins import Choice, Kind
from keisei_core.testing import COMMAND_CHECKS, CommandContract, CommandUnderTest, Outcome, failures, run_checks

HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_commands():
    return [Component(name="{name}", target="{module}.command:command", summary="counts")]
"""
GOOD = '''
import click
from keisei_core.errors import ConfigError


@click.command()
@click.argument("number", type=int)
def command(number):
    """Counts down from NUMBER."""
    if number < 0:
        raise ConfigError([f"expected a number from 0, got {number}"])
    click.echo(" ".join(map(str, range(number, 0, -1))))
'''
PLAIN = GOOD.replace("@click.command()\n", "").replace('@click.argument("number", type=int)\n', "")
LENIENT = GOOD.replace("@click.command()", "@click.command(context_settings={'ignore_unknown_options': True})").replace(
    '@click.argument("number", type=int)', '@click.argument("number", type=lambda text: 0 if text[2:] else int(text))'
)
BROKEN = {
    "target_is_a_click_command": {"source": PLAIN},
    "name_is_free": {"name": "games"},
    "help_says_what_it_does": {"source": GOOD.replace('    """Counts down from NUMBER."""\n', "")},
    "help_loads_nothing_heavy": {"source": "import numpy\n" + GOOD},
    "unknown_option_is_refused": {"source": LENIENT},
    "good_call_ends_well": {"source": GOOD + "    return number\n"},
    "bad_call_is_told": {"source": GOOD.replace("raise ConfigError", "raise ValueError")},
}


@pytest.fixture
def under_test(workshop: Any) -> Any:
    """A command as an installed plugin brings it."""

    def make(source: str = GOOD, name: str = "count") -> CommandUnderTest:
        workshop.plugin(HOOKS, name=name, files={"command": source})
        choice: Choice = workshop.registry().resolve(Kind.COMMAND, name)
        return CommandUnderTest(make=choice.load, choice=choice, works=["3"], refuses=["--", "-1"])

    return make


def test_good_command_passes_every_check(under_test: Any) -> None:
    found = run_checks(COMMAND_CHECKS, under_test())

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 7


def test_every_check_has_a_command_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in COMMAND_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_command_breaks_just_its_check(under_test: Any, check: str) -> None:
    assert list(failures(COMMAND_CHECKS, under_test(**BROKEN[check]))) == [check]


def test_bad_call_that_ends_well_is_found(under_test: Any) -> None:
    quiet = under_test(GOOD.replace("raise ConfigError([f", "return print((f").replace('{number}"])', '{number}"))'))

    assert list(failures(COMMAND_CHECKS, quiet)) == ["bad_call_is_told"]


@click.command()
def bare() -> None:
    """Does nothing."""


class Bare(CommandContract):
    target = bare


def test_target_without_a_package_and_without_declarations_is_asked_the_rest() -> None:
    found = run_checks(COMMAND_CHECKS, Bare.under_test())

    asked = {finding.check for finding in found if finding.outcome is Outcome.PASSED}
    assert asked == {"target_is_a_click_command", "help_says_what_it_does", "unknown_option_is_refused"}
    assert not inspect.isfunction(Bare.target)
