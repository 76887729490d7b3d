"""`keisei report`: one page on one run, or on several side by side."""

from pathlib import Path

import click

from keisei_core.output import answer
from keisei_core.shown import shown

PATH = click.Path(path_type=Path)


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, type=PATH)
@click.option("--output", type=PATH, help="The page; report.html in the folder of the first RUN by default.")
@click.option(
    "--network/--no-network",
    default=True,
    show_default=True,
    help="Ask the network of each run what it makes of the games; without it the page shows what it thought in play.",
)
def report(runs: tuple[Path, ...], output: Path | None, network: bool) -> None:
    """Writes a page on RUN: how strong its network is, how it learned, its games on a board. It opens from disk.

    Several runs share the page: their curves lie over each other. An older page is written over.

    \b
    keisei report runs/mine
    keisei report runs/first runs/second --output both.html
    """
    from keisei_plugins_report.report import write_report

    page = write_report(runs, output, asks_network=network)
    answer(f"report: {shown(page)}")
