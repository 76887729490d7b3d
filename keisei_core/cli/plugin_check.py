"""`keisei plugins check [NAME]`: imports what plugins declare and runs the quick checks of the public test kit."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from keisei_core.cli.completing import known
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.cli.plugin_files import shows_plugin_files
from keisei_core.cli.plugin_query import Found, find
from keisei_core.output import answer

if TYPE_CHECKING:  # `keisei --help` needs none of them
    from keisei_core.plugins import Choice

NamedCheck = tuple[str, Callable[[], object]]
EXAMPLES: Final = (
    ("keisei plugins check", "try all that is installed"),
    ("keisei plugins check keisei-plugins-foo", "try what a package brings"),
)


@shows_plugin_files
@click.command("check", cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("name", required=False, shell_complete=known)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
def check_plugins(name: str | None, is_json: bool) -> int:
    """Checks plugins: imports what they declare, builds their options, and runs the quick checks of the test kit.

    NAME is a distribution, an entry point, a component, or distribution:component; all plugins if it is absent.
    Ends with exit code 3 if anything fails.
    """
    from keisei_core.errors import PluginError
    from keisei_core.plugins import load_registry

    results = []
    for found in find(load_registry(), name):
        for result in _results(found):
            results.append(result)
            if not is_json:
                answer(_line(result))
    num_failed = sum(result["status"] == "failed" for result in results)
    if is_json:
        import json

        answer(json.dumps({"schema": 1, "results": results}, indent=2))
    else:
        answer(f"{_count(len(results), 'subject')}, {_count(_num_checks(results), 'check')}, {num_failed} failed")
    return PluginError.exit_code if num_failed else 0


def _results(found: Found) -> Iterator[dict[str, Any]]:
    """Yields what came of a plugin's components, or of the plugin itself where it provides nothing."""
    plugin = found.plugin
    subject = {"plugin": str(plugin.owner)}
    if plugin.failed:
        yield {**subject, "component": plugin.entry, "status": "failed", "checks": 1, "problems": [plugin.story()]}
    elif not found.choices:
        yield {**subject, "component": plugin.entry, "status": str(plugin.status), "checks": 0, "problems": []}
    if plugin.warnings:
        told = {"status": "warned", "checks": 0, "problems": [], "warnings": list(plugin.warnings)}
        yield {**subject, "component": plugin.entry, **told}
    for choice in found.choices:
        yield {**subject, "component": f"{choice.kind} {choice.name}", **_check(choice)}


def _check(choice: "Choice") -> dict[str, Any]:
    """Runs every check of a component; returns what came of it, how many checks that were, and their complaints."""
    from keisei_core.errors import ConfigError
    from keisei_core.plugins.ctrl_c import is_ctrl_c

    problems: list[str] = []
    num_checks = 0
    checks: list[NamedCheck] = [("target", partial(_check_target, choice)), *_kit_checks(choice)]
    for name, check in checks:
        try:
            num_checks += _is_asked(check())
        except ConfigError as error:  # it can't be built from defaults: options are missing that have none
            return {"status": "needs options", "checks": num_checks, "problems": problems, "needs": str(error)}
        except BaseException as error:  # whatever a plugin raises is its result
            if is_ctrl_c(error):
                raise
            num_checks += 1
            problems.append(f"{name}: {type(error).__name__}: {error}")
            if name == "target":
                break  # nothing else can be tried
    return {"status": "failed" if problems else "ok", "checks": num_checks, "problems": problems}


def _kit_checks(choice: "Choice") -> "Sequence[NamedCheck]":
    from keisei_core.testing.light import light_checks

    return light_checks(choice)


def _is_asked(finding: object) -> bool:
    """Tells whether a check was made, and not left out because of what the component is."""
    return str(getattr(finding, "outcome", "")) != "not asked"


def _check_target(choice: "Choice") -> None:
    """Imports the target and makes sure that it can be called as its hook says."""
    import inspect

    from keisei_core.errors import PluginError

    target = choice.load()
    if not callable(target):
        raise PluginError(f"{choice.component.target} must be callable, got {target!r}")
    arguments = [object()] * (1 if choice.component.options is None else 2)
    try:
        inspect.signature(target).bind(*arguments)
    except TypeError as error:
        text = f"{choice.component.target} must take {_count(len(arguments), 'argument')}"
        raise PluginError(f"{text}, its signature is {inspect.signature(target)}: {error}") from error
    except ValueError:  # a target written in C tells no signature
        return


def _line(result: dict[str, Any]) -> str:
    """Writes one result, its problems and warnings below it."""
    head = f"{result['plugin']}  {result['component']}  {result['status']}  {_count(result['checks'], 'check')}"
    head += f": {result['needs']}" if "needs" in result else ""
    below = [*result["problems"], *result.get("warnings", ())]
    return "\n".join([head, *(f"    {line}" for text in below for line in text.splitlines())])


def _num_checks(results: list[dict[str, Any]]) -> int:
    return sum(result["checks"] for result in results)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
