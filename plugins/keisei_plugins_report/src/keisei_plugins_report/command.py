"""`keisei report`: one page on one run, or on several side by side."""

from pathlib import Path
from typing import Final

import click

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, debug_option
from keisei_core.output import answer
from keisei_core.shown import shown

EXAMPLES: Final = (
    ("keisei report runs/mine", "the page is report.html there"),
    ("keisei report runs/one runs/two --output both.html", "two runs on one page, their curves over each other"),
)


@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=PATH)
@click.option("--output", type=PATH, help="The page; report.html in the folder of the first RUN by default.")
@click.option(
    "--network/--no-network",
    default=True,
    show_default=True,
    help="Ask the network of each run what it makes of the games; without it the page shows what it thought in play.",
)
@debug_option
def report(runs: tuple[Path, ...], output: Path | None, network: bool) -> None:
    """Writes a page on RUN: how strong its network is, how it learned, its games on a board. It opens from disk.

    Several runs share the page: their curves lie over each other. An older page is written over.
    """
    from keisei_plugins_report.report import write_report

    page = write_report(runs, output, asks_network=network)
    answer(f"report: {shown(page)}")
