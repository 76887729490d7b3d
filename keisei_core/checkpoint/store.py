"""The checkpoints of one run: where the next goes, which is the newest good one, which may leave."""

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Final

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.checkpoint.folder import (
    BESIDE,
    OLD,
    put_back,
    read_checkpoint,
    remove_checkpoint,
    sync,
    write_checkpoint,
)
from keisei_core.errors import CheckpointError

OUR_NAME: Final = re.compile(r"update-(\d{6,})")
START_AGAIN: Final = "start again with `keisei run` and the config.toml of this run"


class CheckpointStore:
    """The folder `checkpoints/` of a run; only folders that it named itself, and only its own files, are removed."""

    def __init__(self, root: Path, keep: int) -> None:
        self.root = root
        self.keep = keep

    def save(self, update: int, checkpoint: Checkpoint, best: int | None = None) -> Path:
        """Writes the checkpoint of an update, then removes all older ones but the newest few and the best.

        Those of later updates go too: a run that went on from an older checkpoint has left them behind.

        Args:
            update: the number of updates made.
            checkpoint: after them.
            best: the update whose checkpoint stays however old it gets.

        Raises:
            OSError: it can't be written; the older ones are untouched.
        """
        self._make_root()
        folder = self.path_of(update)
        write_checkpoint(folder, checkpoint)
        updates = sorted(number_of(path) for path in self.folders())
        newest = [number for number in updates if number <= update][-self.keep :]
        self._remove_all_but({*newest, best})
        return folder

    def path_of(self, update: int) -> Path:
        """Returns where the checkpoint of an update is, or would be."""
        return self.root / f"update-{update:06d}"

    def _make_root(self) -> None:
        """Makes the folder if need be, and clears away what a write that was cut off left there."""
        if not self.root.is_dir():
            self.root.mkdir()
            sync(self.root.parent)
        for path in self._ours(BESIDE):
            remove_checkpoint(path)
        for old in self._ours(OLD):
            put_back(old.with_suffix(""))

    def _remove_all_but(self, kept: Collection[int | None]) -> None:
        for path in self.folders():
            if number_of(path) not in kept:
                remove_checkpoint(path)

    @property
    def is_empty(self) -> bool:
        """True where no checkpoint was ever written whole."""
        return not self._ours() and not self._ours(OLD)

    def folders(self) -> list[Path]:
        """Returns the checkpoint folders, oldest first."""
        return sorted(self._ours(), key=number_of)

    def _ours(self, suffix: str = "") -> list[Path]:
        """Returns what stands here under a name that this class gives."""
        found = self.root.glob(f"update-*{suffix}")
        return [path for path in found if OUR_NAME.fullmatch(path.name.removesuffix(suffix))]

    def newest(self, warn: Callable[[str], None]) -> tuple[Path, Checkpoint]:
        """Reads the newest checkpoint that verifies; each newer one that does not is told to `warn`.

        Changes nothing: the run may be going on. A checkpoint whose successor was cut off just before it took the place
        is read from where it waits.

        Raises:
            CheckpointError: none is good.
        """
        waiting = [old for old in self._ours(OLD) if not old.with_suffix("").exists()]
        problems, remedy = [], START_AGAIN
        for folder in sorted([*self.folders(), *waiting], key=number_of, reverse=True):
            try:
                checkpoint = read_checkpoint(folder)
            except CheckpointError as error:
                problems.append(f"{error.path.relative_to(self.root)} {error.reason}")
                remedy = error.remedy if "keisei migrate" in error.remedy and remedy == START_AGAIN else remedy
                continue
            for problem in problems:
                warn(f"{problem}; {folder.name} is taken instead")
            return folder, checkpoint
        reason = "; ".join([*problems, "none is left to go on from"]) if problems else "no checkpoint was saved yet"
        raise CheckpointError(self.root, reason, remedy)


def number_of(folder: Path) -> int:
    """Returns the update that a checkpoint folder is of."""
    return int(folder.name.removesuffix(OLD).removeprefix("update-"))
