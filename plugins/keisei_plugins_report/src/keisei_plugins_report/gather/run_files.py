"""The files of a run folder, read as far as they are there: a run may be under way, or an old one."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from keisei_core.errors import ConfigError
from keisei_core.records import Game, read_games


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
    games: list[Game]
    """Of self-play and of matches."""

    @classmethod
    def read(cls, path: Path) -> "RunFiles":
        """Reads a run folder.

        Raises:
            ConfigError: a file is not what a run writes; names it.
        """
        try:
            config = tomllib.loads((path / "config.toml").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ConfigError([f"{path / 'config.toml'}: expected the config of a run ({error})"]) from error
        kept = any((path / name).exists() for name in ("games.jsonl", "matches.jsonl"))
        return cls(
            path=path,
            config=config,
            metrics=list(_lines(path / "metrics.jsonl")),
            result=_object(path / "result.json"),
            environment=_object(path / "environment.json"),
            games=list(read_games(path)) if kept else [],
        )

    @property
    def name(self) -> str:
        """What the run is called: its folder, without where that lies."""
        return self.path.absolute().name


def _object(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError([f"{path}: expected JSON ({error})"]) from error
    return found if isinstance(found, dict) else {}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yields the objects of a file of lines; one that is cut off, as a run under way leaves it, is passed over."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            continue
        if isinstance(found, dict) and isinstance(found.get("update"), int):
            yield found
