"""What is known of a trained network, as JSON-able data; in network.json an export of an export finds it again.

Nothing in it names a path, a machine's name or a user.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from keisei_core.arena import TrainedNetwork
from keisei_core.card.board import end_of_a_game
from keisei_core.card.curves import curves_of
from keisei_core.card.licence import UNKNOWN
from keisei_core.card.private import without_paths
from keisei_core.card.run_files import RunFiles
from keisei_core.card.shape import is_about
from keisei_core.card.strength import match_in_training, match_rows
from keisei_core.config.document import Document
from keisei_core.errors import KeiseiError
from keisei_core.plugins import Settings, load_registry
from keisei_core.plugins.changed_settings import changed_settings, plain_text
from keisei_core.plugins.players import player_text
from keisei_core.plugins.reading import Reading

ABOUT: Final = "about"
"""The key in network.json."""
SCHEMA: Final = 1
MACHINE: Final = ("processor", "cpu_count", "gpu")
ONE_PROCESS: Final = "single"
MARKUP: Final = re.compile(r"[`<|\r\n]")
PARTS: Final = ("model", "algorithm", "optimizer", "precision", "distribution")


def about(network: TrainedNetwork, licence: str | None = None) -> dict[str, Any]:
    """Gathers what is known of a network.

    Args:
        network: of a run, a checkpoint or an export; of the last what its own export knew.
        licence: of the weights; None leaves it as it was.
    """
    kept: Any = network.state.get(ABOUT)
    found = dict(kept) if is_about(kept) and kept["schema"] == SCHEMA else _gathered(network)
    plain: dict[str, Any] = _plain(found)
    return {**plain, "licence": licence or plain.get("licence") or UNKNOWN}


def _plain(value: Any) -> Any:
    """Returns data whose texts stand in Markdown as they are: nothing in them ends a cell, a line or code."""
    if isinstance(value, str):
        return MARKUP.sub("", value)
    if isinstance(value, Mapping):
        return {_plain(name): _plain(one) for name, one in value.items()}
    return type(value)(map(_plain, value)) if isinstance(value, list | tuple) else value


def _gathered(network: TrainedNetwork) -> dict[str, Any]:
    state = network.state
    counters, config = _mapping(state.get("counters")), state["config"]
    run = RunFiles.of(network.path, counters.get("update"))
    settings = _settings(config)
    opponent = "its opponent" if settings is None else player_text(settings.opponent)
    return {
        "schema": SCHEMA,
        "counters": {name: value for name, value in counters.items() if isinstance(value, int | float)},
        "is_begun_anew": run.is_begun_anew,
        "parts": {part: name for part in PARTS if (name := _named(config, part))},
        "features": without_paths(plain_text(_mapping(config.get("input")).get("features", ""))),
        "teachers": without_paths(plain_text(_mapping(config.get("teaching")).get("teachers", []))),
        "settings": _changed(settings),
        "machine": {name: run.environment[name] for name in MACHINE if name in run.environment},
        "commit": run.environment.get("commit"),
        "versions": dict(_mapping(state.get("versions"))),
        "plugins": _plugins(state.get("plugins") or ()),
        "matches": match_rows(run.result),
        "match_in_training": match_in_training(run.metrics, opponent),
        "curves": curves_of(run.metrics),
        "board": end_of_a_game(run.games, counters.get("update")),
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _named(config: Mapping[str, Any], part: str) -> str:
    return without_paths(plain_text(_mapping(config.get(part)).get("name", "")))


def _settings(config: Mapping[str, Any]) -> Settings | None:
    """Returns the settings of a run; None where the whole config or its plugins are not here."""
    if "run" not in config:
        return None
    tables = {name: dict(table) for name, table in config.items()}
    document = Document("the config of the network", tables, tables, {})
    try:
        return Reading(document, load_registry()).settings()
    except KeiseiError:
        return None


def _changed(settings: Settings | None) -> list[tuple[str, str]] | None:
    """Returns the settings that are not at their defaults."""
    if settings is None:
        return None
    return [(key, without_paths(value)) for key, value, _ in changed_settings(settings)]


def _plugins(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Returns the distributions that it is made of, each with its version."""
    return sorted({without_paths(f"{row['distribution']} {row['version']}") for row in rows})
