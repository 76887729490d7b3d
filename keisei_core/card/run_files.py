"""What the folder of a run tells of one of its checkpoints. What can't be read is taken for what is not there."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from keisei_core.errors import KeiseiError
from keisei_core.records import Game, read_games


@attrs.frozen(kw_only=True)
class RunFiles:
    """The files of a run, up to the update of a checkpoint."""

    environment: Mapping[str, Any] = attrs.field(factory=dict)
    """Machine and versions; empty where nobody knows."""
    metrics: Sequence[Mapping[str, Any]] = ()
    """A row for each update, the checkpoint's the last."""
    result: Mapping[str, Any] = attrs.field(factory=dict)
    """Of the matches at the end; empty where they were not played by this network."""
    games: Sequence[Game] = ()
    is_begun_anew: bool = True
    """False where the run began with the network of another."""

    @classmethod
    def of(cls, network: Path, update: int | None) -> "RunFiles":
        """Reads the folder that a checkpoint lies in; nothing of what is no checkpoint of a run.

        Args:
            network: the checkpoint, or an exported network.
            update: after which the checkpoint was taken; None where it does not tell.
        """
        run = network.absolute().parent.parent
        if update is None or network.absolute().parent != run / "checkpoints" or not (run / "config.toml").is_file():
            return cls()
        rows = list(_rows(run / "metrics.jsonl"))
        until = [row for row in rows if row["update"] <= update]
        is_last = bool(rows) and max(row["update"] for row in rows) == update
        return cls(
            environment=_object(run / "environment.json"),
            metrics=until,
            result=_object(run / "result.json") if is_last else {},
            games=[game for game in _games(run) if game.update is not None and game.update <= update],
            is_begun_anew=not (run / "migration.json").exists(),
        )


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _rows(path: Path) -> list[dict[str, Any]]:
    """Returns the objects of a file of lines that tell their update."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    found = [_parsed(line) for line in lines]
    return [row for row in found if isinstance(row, dict) and isinstance(row.get("update"), int)]


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _games(run: Path) -> list[Game]:
    try:
        return list(read_games(run))
    except KeiseiError:
        return []
