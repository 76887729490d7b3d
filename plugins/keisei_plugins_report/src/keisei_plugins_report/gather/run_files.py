"""The files of a run folder, read as far as they are there: a run may be under way, or an old one."""

import json
import tomllib
from pathlib import Path
from typing import Any

import attrs

from keisei_core.errors import ConfigError
from keisei_core.records import Game, read_games
from keisei_plugins_report.gather.settings import changed_settings


@attrs.frozen(kw_only=True)
class RunFiles:
    """What a run wrote."""

    path: Path
    config: dict[str, Any]
    """config.toml."""
    metrics: list[dict[str, Any]]
    """A line for each update; numbers that were not finite are None."""
    result: dict[str, Any]
    """Of the matches at the end; empty where they were not played yet."""
    environment: dict[str, Any]
    settings: list[dict[str, str]] | None
    """The keys that are not at their defaults, as `changed_settings` gives them."""
    games: list[Game]
    """Of self-play and of matches."""

    @classmethod
    def read(cls, path: Path) -> "RunFiles":
        """Reads a run folder.

        Raises:
            ConfigError: a file is not what a run writes; names it.
        """
        kept = any((path / name).exists() for name in ("games.jsonl", "matches.jsonl"))
        return cls(
            path=path,
            config=read_config(path),
            metrics=[row for line in _lines(path / "metrics.jsonl") if (row := metrics_row(line)) is not None],
            result=read_object(path / "result.json"),
            environment=read_object(path / "environment.json"),
            settings=changed_settings(path),
            games=list(read_games(path)) if kept else [],
        )

    @property
    def name(self) -> str:
        """What the run is called: its folder, without where that lies."""
        return self.path.absolute().name


def read_config(run: Path) -> dict[str, Any]:
    """Reads config.toml of a run folder.

    Raises:
        ConfigError: it is not there, or no TOML.
    """
    path = run / "config.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError([f"{path}: expected the config of a run ({error})"]) from error


def read_object(path: Path) -> dict[str, Any]:
    """Reads a JSON object; an empty one where there is no file, or something else in it.

    Raises:
        ConfigError: it is no JSON.
    """
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError([f"{path}: expected JSON ({error})"]) from error
    return found if isinstance(found, dict) else {}


def metrics_row(line: str | bytes) -> dict[str, Any] | None:
    """Returns the figures of an update from its line; None of another line, e.g. of one that was cut off."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and isinstance(found.get("update"), int) else None


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
