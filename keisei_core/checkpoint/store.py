"""The checkpoints of one run: where the next goes, which is the newest good one, which may leave."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.checkpoint.folder import OLD, put_back, read_checkpoint, write_checkpoint
from keisei_core.errors import CheckpointError

OUR_NAME: Final = re.compile(r"update-(\d{6,})")


class CheckpointStore:
    """The folder `checkpoints/` of a run; only folders that it named itself are ever removed."""

    def __init__(self, root: Path, keep: int) -> None:
        self.root = root
        self.keep = keep

    def save(self, update: int, checkpoint: Checkpoint) -> Path:
        """Writes the checkpoint of an update, then removes all older ones but the newest few.

        Those of later updates go too: a run that went on from an older checkpoint has left them behind.
        """
        self.root.mkdir(exist_ok=True)
        folder = self.root / f"update-{update:06d}"
        write_checkpoint(folder, checkpoint)
        numbers = {number_of(path): path for path in self.folders()}
        kept = sorted(number for number in numbers if number <= update)[-self.keep :]
        for number, path in numbers.items():
            if number not in kept:
                shutil.rmtree(path, ignore_errors=True)
        return folder

    def folders(self) -> list[Path]:
        """Returns the checkpoint folders, oldest first."""
        found = [path for path in self.root.glob("update-*") if OUR_NAME.fullmatch(path.name)]
        return sorted(found, key=number_of)

    def newest(self, warn: Callable[[str], None]) -> tuple[Path, Checkpoint]:
        """Reads the newest checkpoint that verifies; each newer one that does not is told to `warn`.

        Raises:
            CheckpointError: none is good.
        """
        for old in self.root.glob(f"update-*{OLD}"):
            put_back(old.with_suffix(""))
        problems = []
        for folder in reversed(self.folders()):
            try:
                checkpoint = read_checkpoint(folder)
            except CheckpointError as error:
                problems.append(f"{folder.name}: {error.reason}")
                continue
            for problem in problems:
                warn(f"{problem}; {folder.name} is taken instead")
            return folder, checkpoint
        reason = "; ".join([*problems, "none is left to go on from"]) if problems else "no checkpoint was saved yet"
        raise CheckpointError(self.root, f"{reason}; start again with `keisei run` and the config.toml of this run")


def number_of(folder: Path) -> int:
    """Returns the update that a checkpoint folder is of."""
    return int(folder.name.removeprefix("update-"))
