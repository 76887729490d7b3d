"""A run as its folder shows it from moment to moment."""

import json
from pathlib import Path
from typing import Any, Final

from keisei_core.errors import ConfigError
from keisei_core.records import Game
from keisei_plugins_report.gather.run_files import RunFiles, metrics_row, read_config, read_object
from keisei_plugins_report.gather.settings import changed_settings
from keisei_plugins_watch.live.growing_file import GrowingFile

MOST_GAMES: Final = 2_000
"""That are kept, the newest of self-play and of matches each: a run writes some at every update, for days."""


class FollowedRun:
    """The files of a run, read as they grow."""

    def __init__(self, path: Path) -> None:
        """Begins with a folder that need not be a run yet."""
        self.path = path.absolute()
        self.metrics = GrowingFile(path / "metrics.jsonl", metrics_row)
        self.games = tuple(GrowingFile(path / name, game_row, MOST_GAMES) for name in ("games.jsonl", "matches.jsonl"))
        self._config: dict[str, Any] = {}
        self._settings: list[dict[str, str]] | None = []
        self._others: tuple[dict[str, Any], ...] = ()
        self.files = self._read()
        """As they were when they were read last; the same object as long as nothing came."""

    @property
    def has_begun(self) -> bool:
        """True once there was a config."""
        return bool(self._config)

    @property
    def is_gone(self) -> bool:
        """True where there was a run, and its folder is there no more."""
        return self.has_begun and not self.path.is_dir()

    def look(self) -> RunFiles:
        """Reads what came since it was looked at last: the same object if nothing did, or if the folder is gone.

        Raises:
            ConfigError: a file is not what a run writes; names it.
            OSError: it can't be read.
        """
        if not self.is_gone:
            self.files = self._read()
        return self.files

    def _read(self) -> RunFiles:
        if (self.path / "config.toml").is_file():
            self._take(read_config(self.path))
        has_grown = [self.metrics.look(), *(file.look() for file in self.games)]
        others = (self._config, read_object(self.path / "result.json"), read_object(self.path / "environment.json"))
        if others == self._others and not any(has_grown):
            return self.files
        self._others = config, result, environment = others
        return RunFiles(
            path=self.path,
            config=config,
            metrics=list(self.metrics.rows),
            result=result,
            environment=environment,
            settings=self._settings,
            games=[game for file in self.games for game in file.rows],
        )

    def _take(self, config: dict[str, Any]) -> None:
        """Takes in the config, and once what differs from the defaults in it, for which plugins are asked."""
        if config != self._config:
            self._config, self._settings = config, changed_settings(self.path)


def game_row(line: bytes) -> Game | None:
    """Returns the game of a line; None where it is none."""
    try:
        return Game.of(json.loads(line))
    except (ConfigError, ValueError, TypeError, AttributeError):
        return None
