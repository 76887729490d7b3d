"""In what the run of one config differs from that of another, key by key, with both values."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from keisei_core.errors import MigrationError
from keisei_core.plugins.settings import Settings

DISTRIBUTION: Final = "distribution"


def changes(before: Settings, after: Settings) -> list[str]:
    """Returns every key in which resolved settings are of another run, as `table.key old -> new`.

    How processes come together is no part of what a run is: `[distribution]` is not compared.
    """
    own, other = ({**settings.to_document(), DISTRIBUTION: {}} for settings in (before, after))
    return list(_changes(own, other))


def another_run(run_dir: Path, found: Sequence[str], typed: str) -> MigrationError:
    """Makes the error for a run that was to go on with another config than its own.

    Args:
        run_dir: its folder.
        found: what `changes` found.
        typed: what to type to have it as another run.
    """
    text = f"{run_dir}: a run keeps its config, this would be another one ({'; '.join(found)})"
    return MigrationError([f"{text}; type: {typed}"])


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], path: str = "") -> Iterator[str]:
    for key in sorted({*before, *after}):
        old, new = before.get(key), after.get(key)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _changes(old, new, f"{path}{key}.")
        elif old != new:
            yield f"{path}{key} {old} -> {new}"
