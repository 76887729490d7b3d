"""The document: everything that the page shows, as JSON-able data.

`schema` changes when a page would have to. `runs` has one entry for each run, `games` the games that can be replayed,
lost ones first; a game's `run` is the index of its run.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from keisei_core import __version__
from keisei_plugins_report.gather.alarms import raised_alarms
from keisei_plugins_report.gather.curves import columns
from keisei_plugins_report.gather.games import chosen_games, game_data, within_room
from keisei_plugins_report.gather.head import head
from keisei_plugins_report.gather.openings import opening_tree
from keisei_plugins_report.gather.opinions import Opinions
from keisei_plugins_report.gather.run_files import RunFiles
from keisei_plugins_report.gather.sight import sight_of
from keisei_plugins_report.gather.strength import strength
from keisei_plugins_report.gather.time import time_spent

SCHEMA: Final = 1
MOST_GAMES: Final = 40
"""On a page, of all its runs."""


def document(runs: Sequence[Path], *, asks_network: bool) -> dict[str, Any]:
    """Gathers the document of runs.

    Args:
        runs: their folders.
        asks_network: whether their networks are asked what they make of the games.

    Raises:
        ConfigError: something of a run can't be read.
    """
    read = [RunFiles.read(path) for path in runs]
    return document_of(read, [_opinions(files) if asks_network else Opinions.none() for files in read])


def document_of(runs: Sequence[RunFiles], opinions: Sequence[Opinions]) -> dict[str, Any]:
    """Makes the document of what runs wrote.

    Args:
        runs: what was read of each.
        opinions: of the network of each.

    Raises:
        ConfigError: a game of them can't have gone so.
    """
    found: list[dict[str, Any]] = []
    games: list[dict[str, Any]] = []
    for index, (files, asked) in enumerate(zip(runs, opinions, strict=True)):
        chosen = chosen_games(files.games, MOST_GAMES // len(runs))
        shown = [{"run": index, **game_data(game, asked.of_game(game))} for game in chosen]
        games += shown
        found.append(
            {
                "name": files.name,
                "head": head(files, asked),
                "strength": strength(files.result),
                "columns": columns(files.metrics),
                "alarms": raised_alarms(files.metrics),
                "time": time_spent(files.metrics),
                "settings": files.settings,
                "openings": opening_tree(files.games),
                "sight": sight_of(shown),
            }
        )
    games.sort(key=lambda game: not game["lost"])
    return {"schema": SCHEMA, "version": __version__, "runs": found, "games": within_room(games)}


def _opinions(files: RunFiles) -> Opinions:
    return Opinions.of(files.path, on_gpu=files.config.get("run", {}).get("device") != "cpu")
