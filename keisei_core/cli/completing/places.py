"""Runs, checkpoints and exports that a path may mean, as far as they can be told from the names of their files."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
from click.shell_completion import CompletionItem

from keisei_core.cli.options import RUN_CONFIG

RUNS: Final = "runs"
"""Where runs are without --run-dir."""
CHECKPOINTS: Final = "checkpoints"
MARKS: Final = {RUN_CONFIG: "run", "network.json": "export", "manifest.json": "checkpoint"}
"""Files by which a folder is told."""
ANY_FILE: Final[CompletionItem] = CompletionItem("", type="file")
"""Lets the shell complete paths."""


def places(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns what may stand where a run, a checkpoint or an export is asked for; any path may."""
    return [*known_places(incomplete), ANY_FILE]


def networks(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Returns what may stand where a network is asked for: places, and networks that come with plugins."""
    return [*named_networks(incomplete), *places(context, parameter, incomplete)]


def named_networks(incomplete: str) -> Iterator[CompletionItem]:
    """Yields the networks that come with plugins and whose names begin so."""
    from keisei_core.plugins import load_registry
    from keisei_core.plugins.networks import named_networks as found

    for network in found(load_registry()):
        if network.text.startswith(incomplete):
            yield CompletionItem(network.text, help=f"a network of {network.owner}")


def known_places(incomplete: str) -> Iterator[CompletionItem]:
    """Yields folders whose path begins so: those in runs/, those beside the path, checkpoints of a run named before."""
    folder = os.path.dirname(incomplete)
    folders = dict.fromkeys([folder, os.path.join(folder, CHECKPOINTS), *([RUNS] if not folder else [])])
    for place in folders:
        for path, what in _told_in(place):
            if path.startswith(incomplete):
                yield CompletionItem(path, help=what)


def _told_in(folder: str) -> Iterator[tuple[str, str]]:
    """Yields the paths in a folder that are known by a file, the last by name first, and what they are."""
    try:
        entries = sorted(os.listdir(os.path.expanduser(folder) or "."), reverse=True)
    except OSError:
        return
    for entry in entries:
        path = os.path.join(folder, entry)
        for mark, what in MARKS.items():
            if Path(os.path.expanduser(path), mark).is_file():
                yield path, what
                break
