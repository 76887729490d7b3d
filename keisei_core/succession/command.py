"""The command `migrate`, and runs that start from the checkpoint of another."""

import json
import os
from pathlib import Path

from keisei_core.errors import ConfigError, MigrationError
from keisei_core.output import answer
from keisei_core.plugins import Settings
from keisei_core.run.commands import resume
from keisei_core.run.folder import refuse_taken
from keisei_core.run.processes import is_one_of_many
from keisei_core.streams import say
from keisei_core.succession.heir import Heir
from keisei_core.succession.report import HeirReport


def migrate(
    settings: Settings,
    source: Path,
    run_dir: Path | None,
    *,
    is_dry: bool = False,
    num_games: int = 0,
    is_json: bool = False,
    with_new_games: bool = False,
) -> int:
    """Brings a checkpoint to other settings, in a new run folder, and tells on stdout what became of it.

    Args:
        settings: what it is brought to.
        source: see `Heir`.
        run_dir: the new run folder; a dated one in runs/ if None.
        is_dry: only tells, writes nothing.
        num_games: of a match of the migrated player against the original; 0 plays none.
        is_json: tells it as JSON.
        with_new_games: lets all games in progress and random streams start anew.
    """
    _require_one_process()
    if run_dir is not None and not is_dry:
        refuse_taken(run_dir)
    report = HeirReport(_heir(settings, source, with_new_games=with_new_games))
    if num_games:
        report.score = report.heir.match(num_games)
    if not is_dry:
        report.folder = report.heir.write(run_dir, report.to_data())
    answer(json.dumps(report.to_data(), indent=2) if is_json else "\n".join(report.lines()))
    return 0


def train_from(
    settings: Settings, source: Path, run_dir: Path | None, *, is_migrating: bool, command: str, **telling: bool
) -> int:
    """Trains on from an old checkpoint in a new run folder, migrated if need be and if allowed.

    Args:
        settings: of the new run.
        source: see `Heir`.
        run_dir: the new run folder; a dated one in runs/ if None.
        is_migrating: False refuses a checkpoint that has to be migrated.
        command: what to type to migrate it.
        telling: what the run tells; see `Telling`.

    Raises:
        MigrationError: it has to be migrated and is not to be, or can't be.
    """
    _require_one_process()
    if run_dir is not None:
        refuse_taken(run_dir)
    heir = _heir(settings, source)
    report = HeirReport(heir)
    if heir.differences and not is_migrating:
        head = f"{heir.path}: has to be migrated to what the config asks for ({'; '.join(heir.differences)})"
        raise MigrationError([f"{head}; type: {command}, or add --migrate to do it at once"])
    report.folder = heir.write(run_dir, report.to_data())
    say("\n".join(report.lines()))
    return resume(report.folder, **telling)


def _require_one_process() -> None:
    """Refuses to make a run folder where torchrun started several processes, each of which would make one.

    Raises:
        ConfigError: it did.
    """
    if is_one_of_many():
        remedy = "type `keisei migrate` in one first, and `keisei resume` in all of them"
        raise ConfigError([f"a checkpoint is migrated by one process, got {os.environ['WORLD_SIZE']}; {remedy}"])


def _heir(settings: Settings, source: Path, *, with_new_games: bool = False) -> Heir:
    warnings: list[str] = []
    heir = Heir(settings, source, warnings, with_new_games=with_new_games)
    for warning in warnings:
        say(f"warning: {warning}")
    return heir
