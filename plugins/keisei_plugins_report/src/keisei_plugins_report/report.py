"""Writing the page of one or more runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from keisei_core.config.paths import file_errors, no_run
from keisei_plugins_report.gather.document import document
from keisei_plugins_report.page.page import page_of

NAME: Final = "report.html"
BESIDE: Final = ".tmp"


def report_of_run(run_folder: Path) -> Path:
    """Writes the page of a run that has come to its end into its folder; returns its path.

    Raises:
        ConfigError: something of the run can't be read, or the page not written.
    """
    return write_report([run_folder])


def write_report(runs: Sequence[Path], output: Path | None = None, *, asks_network: bool = True) -> Path:
    """Writes the page of runs, whole or not at all, over an older one; returns its path.

    Args:
        runs: their folders.
        output: the page; None puts it into the first folder.
        asks_network: whether the networks are asked what they make of the games.

    Raises:
        ConfigError: a folder is no run, something of it can't be read, or the page not written.
    """
    for run in runs:
        if not (run / "config.toml").is_file():
            raise no_run(run)
    page = output or runs[0] / NAME
    text = page_of(document(runs, asks_network=asks_network))
    beside = page.with_name(page.name + BESIDE)
    with file_errors(page, "written"):
        beside.write_text(text, encoding="utf-8")
        beside.replace(page)
    return page
