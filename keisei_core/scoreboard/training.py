"""Trains a recipe as `keisei run` does, with checkpoints close enough to tell when a rung was reached."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from keisei_core.config.document import parse_assignment
from keisei_core.config.paths import home_path, no_run
from keisei_core.plugins import read_settings
from keisei_core.plugins.plugin_file import files_in_use

CHECKPOINTS: Final = 100
"""Of the longest run that a recipe allows; its own `every_updates` where that is less."""
KEEP: Final = 1_000_000
FEW_MATCHES: Final = ("evaluation.every_updates=0", "evaluation.final_games=2", "evaluation.rungs=[]")
"""They would count as computing of the training, and change nothing of it; the last two games come behind all of it."""


@attrs.frozen
class Run:
    """A run that is measured."""

    folder: Path
    recipe: Path | None = None
    """The config that it is trained by; None of one that is there already."""
    seed: int = 0


def runs_of(subject: str, seeds: Sequence[int], work: Path) -> list[Run]:
    """Returns the runs that a subject means.

    Args:
        subject: a config (*.toml), trained with each of the seeds, or the folder of a run.
        seeds: of the trainings.
        work: folder that has those of the trainings.

    Raises:
        ConfigError: it is neither.
    """
    path = home_path(subject)
    if path.suffix == ".toml" and not path.is_dir():
        name = path.parent.name if path.stem == "recipe" else path.stem
        return [Run(work / f"{name}-seed{seed}", path, seed) for seed in seeds]
    if not (path / "checkpoints").is_dir():
        raise no_run(path)
    return [Run(path)]


def train(recipe: Path, folder: Path, seed: int, assignments: Sequence[str]) -> int:
    """Trains, or goes on with the run in the folder; does nothing where that is complete, by the same settings.

    Args:
        recipe: its config.
        folder: of the run.
        seed: of everything random in it.
        assignments: `table.key=value`, over the config.

    Returns:
        The exit code: 0 once the run is complete, that of a MigrationError where the folder has one of other settings.

    Raises:
        ConfigError: the recipe can't be read.
    """
    settings = read_settings(recipe, [parse_assignment(text) for text in assignments])
    num_updates = settings.run.plies // (settings.selfplay.games * settings.selfplay.rollout_plies)
    every = min(settings.checkpoint.every_updates, max(num_updates // CHECKPOINTS, 1))
    kept = f"checkpoint.every_updates={every}", f"checkpoint.keep={KEEP}"
    sets = [part for text in (*assignments, f"run.seed={seed}", *FEW_MATCHES, *kept) for part in ("--set", text)]
    files = [part for file in files_in_use() for part in ("--plugin", str(file.path))]
    command = [sys.executable, "-m", "keisei_core", "run", str(recipe), "--run-dir", str(folder), "--or-resume"]
    return subprocess.run([*command, *files, *sets], stdout=subprocess.DEVNULL, check=False).returncode
