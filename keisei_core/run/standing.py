"""Where a run stands: rank 0, which alone has the folder, looks there, and the other processes ask it."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

import torch

from keisei_core.checkpoint import CheckpointStore
from keisei_core.distribution import DistributionBackend
from keisei_core.errors import CheckpointError, KeiseiError
from keisei_core.plugins import Settings, read_settings
from keisei_core.plugins.changes import another_run, changes
from keisei_core.plugins.plugin_file import files_in_use
from keisei_core.plugins.provenance import Row, described_plugins, file_digests, made_with, refuse_another
from keisei_core.run.folder import RunFolder, from_here, refuse_taken
from keisei_core.run.metrics import Counters
from keisei_core.run.settled_precision import settled
from keisei_core.run.telling import Outcome

Found = TypeVar("Found")


def on_rank_0(work: Callable[[], Found], backend: DistributionBackend) -> Found | None:
    """Works on rank 0, while the others wait, and returns what came of it there; None elsewhere.

    Raises:
        KeiseiError: what `work` raised on rank 0; elsewhere another with its message and exit code.
    """
    found = None
    if backend.rank == 0:
        try:
            found = work()
        except KeiseiError as error:
            backend.broadcast(json.dumps({"problem": str(error), "code": error.exit_code}).encode())
            raise
    refusal = json.loads(backend.broadcast(b"{}"))
    if refusal:
        refused = KeiseiError(refusal["problem"])
        refused.exit_code = refusal["code"]
        raise refused
    return found


def ask_rank_0(look: Callable[[], bool], backend: DistributionBackend) -> bool:
    """Returns on every process what rank 0 found; the others don't look.

    Raises:
        KeiseiError: see `on_rank_0`.
    """
    return backend.any(bool(on_rank_0(look, backend)))


def is_complete(settings: Settings, folder: RunFolder, device: torch.device, typed: str) -> bool:
    """Tells whether nothing is left to do for a run of these settings in a folder, where there may be none yet.

    Args:
        settings: of the run that is to begin or to go on.
        folder: looked at, not held.
        device: settles a precision that depends on it, as the run's config has it.
        typed: what to type to go on with these settings where the run there has others.

    Raises:
        ConfigError: something else than a run stands there.
        MigrationError: the run there is of another config.
        CheckpointError: it was made with another plugin file.
    """
    if not folder.config.is_file():
        refuse_taken(folder.path)
        return False
    with made_with(lambda: recorded_plugins(folder)):
        before = read_settings(folder.config)
    if before.precision.name != settings.precision.name:
        settings = settled(settings, settings.precision.build(device))
    if found := changes(before, settings):
        raise another_run(from_here(folder.path), found, typed)
    refuse_other_files(folder)
    return folder.result.is_file()


def refuse_other_files(folder: RunFolder) -> None:
    """Refuses a file that this process uses in the place of one that the run was made with.

    Raises:
        CheckpointError: there is one.
    """
    if files_in_use():
        digests = file_digests(recorded_plugins(folder) or described_plugins(folder.path))
        for file in files_in_use():
            if file.name in digests:
                refuse_another(file, digests[file.name], folder.path)


def recorded_plugins(folder: RunFolder) -> tuple[Row, ...]:
    """Returns the plugins that the newest good checkpoint of a run was made with; none where there is none."""
    return tuple(_newest_state(folder).get("plugins", ()))


def complete_outcome(folder: RunFolder) -> Outcome:
    """Returns what became of a run that is complete, as it ended."""
    counters = Counters(**_newest_state(folder).get("counters", {}))
    result = json.loads(folder.result.read_text(encoding="utf-8"))
    return Outcome(folder=folder.path, counters=counters, saved_update=counters.update, result=result)


def _newest_state(folder: RunFolder) -> dict[str, Any]:
    """Returns what the newest good checkpoint says of the run; nothing where there is none."""
    with suppress(CheckpointError):
        _, checkpoint = CheckpointStore(folder.checkpoints, keep=1).newest(lambda _: None)
        return dict(checkpoint.state)
    return {}
