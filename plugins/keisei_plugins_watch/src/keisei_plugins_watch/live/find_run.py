"""Which run is meant."""

from pathlib import Path
from typing import Final

from keisei_core.config.paths import no_run
from keisei_core.errors import ConfigError
from keisei_core.run.folder import LEFT_BY_A_START

RUNS: Final = Path("runs")


def found_run(path: Path | None) -> Path:
    """Returns the folder of a run, which may be about to begin; the newest of runs/ where none is named.

    Raises:
        ConfigError: there is none.
    """
    if path is None:
        return _newest(RUNS)
    if not (path / "config.toml").is_file() and not _is_about_to_begin(path):
        raise no_run(path)
    return path


def _newest(folder: Path) -> Path:
    """Returns the run that was begun last."""
    runs = [(config.stat().st_mtime, config.parent) for config in folder.glob("*/config.toml")]
    if not runs:
        told = f"{folder}: expected a run in it, got none; start one with `keisei run`, or name the folder of one"
        raise ConfigError([told])
    return max(runs)[1]


def _is_about_to_begin(path: Path) -> bool:
    """Tells whether a folder has nothing in it but what a run leaves at its very start."""
    return path.is_dir() and all(entry.name in LEFT_BY_A_START for entry in path.iterdir())
