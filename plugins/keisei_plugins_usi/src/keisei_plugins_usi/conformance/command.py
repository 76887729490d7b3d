"""`keisei usi-check COMMAND`: what clients count on, tried on any engine."""

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

import click

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.errors import ConfigError
from keisei_core.output import answer

if TYPE_CHECKING:
    from keisei_plugins_usi.conformance.situation import Situation
    from keisei_plugins_usi.conformance.verdict import Finding

WRONG: Final = 8
"""Exit code where something is wrong."""
EXAMPLES: Final = (
    ("keisei usi-check ./engine", "everything, as a table"),
    ("keisei usi-check --only 26 ./engine --threads 2", "what stop has to do, of an engine with arguments"),
    ("keisei usi-check --slack 5 --json ./engine", "as data, on a machine that has other work"),
)
SECONDS: Final = click.FloatRange(0, min_open=True)


@click.command(
    "usi-check", cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT | {"allow_interspersed_args": False}
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
@click.option(
    "--only",
    multiple=True,
    metavar="ROW|NAME",
    help="Ask this alone: a row's number or a situation's name; may be repeated.",
)
@click.option(
    "--timeout",
    type=SECONDS,
    default=10.0,
    show_default=True,
    help="Seconds for an answer that has no limit of its own.",
)
@click.option("--ready", type=SECONDS, default=120.0, show_default=True, help="Seconds for readyok.")
@click.option(
    "--slack",
    type=SECONDS,
    default=1.0,
    show_default=True,
    help="Times every limit but that for readyok: above 1 on a busy machine.",
)
@click.option(
    "--total", type=SECONDS, default=900.0, show_default=True, help="Seconds after which nothing further is asked."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", "is_markdown", is_flag=True, help="Print the whole table in Markdown.")
@debug_option
def usi_check(
    command: tuple[str, ...],
    only: tuple[str, ...],
    timeout: float,
    ready: float,
    slack: float,
    total: float,
    is_json: bool,
    is_markdown: bool,
) -> int:
    """Tries what clients of USI count on with the engine that COMMAND starts, as a process.

    Flags stand before COMMAND. Says row by row what came and, where it is wrong, what becomes of it in which client. An
    engine that ends or hangs is started anew; nothing that was started is left. Exit code 0 where nothing is wrong, 8
    where something is, 2 where COMMAND can't be started. docs/usi-check.md has all that is asked.
    """
    from keisei_plugins_usi.conformance import report
    from keisei_plugins_usi.conformance.check import Check
    from keisei_plugins_usi.conformance.limits import Limits
    from keisei_plugins_usi.conformance.verdict import Verdict

    if is_json and is_markdown:
        raise click.UsageError("--json and --markdown exclude each other")
    limits = Limits(timeout=timeout, ready=ready, slack=slack, total=total)
    is_text = not (is_json or is_markdown)
    findings = list(_told(Check(command, limits).findings(chosen(only)), is_text))
    if is_json:
        answer(json.dumps(report.data(command, findings), indent=2, ensure_ascii=False))
    else:
        answer(report.markdown(findings) if is_markdown else report.summary(findings))
    return WRONG if any(finding.verdict is Verdict.WRONG for finding in findings) else 0


def chosen(only: Sequence[str]) -> "list[Situation]":
    """Returns the situations of these rows and names, all where none is given.

    Raises:
        ConfigError: there is no such row or name.
    """
    from keisei_core.config.wording import did_you_mean
    from keisei_plugins_usi.conformance.situations import SITUATIONS

    known = {word for situation in SITUATIONS for word in (str(situation.row), situation.name)}
    problems = [
        f"expected a row or a situation behind --only, got {word!r}{did_you_mean(word, sorted(known))}"
        for word in only
        if word not in known
    ]
    if problems:
        raise ConfigError(problems)
    return [each for each in SITUATIONS if not only or {str(each.row), each.name} & set(only)]


def _told(findings: "Iterator[Finding]", is_told: bool) -> "Iterator[Finding]":
    """Passes findings on and, where they are read line by line, says each as it comes."""
    from keisei_plugins_usi.conformance import report

    if is_told:
        answer(report.heading())
    for finding in findings:
        if is_told:
            answer(report.text(finding))
        yield finding
