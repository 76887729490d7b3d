"""The checkpoints of one run: where the next goes, which is the newest good one, which may leave."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.checkpoint.folder import read_checkpoint, write_checkpoint
from keisei_core.errors import CheckpointError

OUR_NAME: Final = re.compile(r"update-(\d{6,})")


class CheckpointStore:
    """The folder `checkpoints/` of a run; only folders that it named itself are ever removed."""

    def __init__(self, root: Path, keep: int) -> None:
        self.root = root
        self.keep = keep

    def save(self, update: int, checkpoint: Checkpoint) -> Path:
        """Writes the checkpoint of an update, then removes all but the newest `keep`."""
        folder = self.root / f"update-{update:06d}"
        write_checkpoint(folder, checkpoint)
        for old in self.folders()[: -self.keep]:
            shutil.rmtree(old, ignore_errors=True)
        return folder

    def folders(self) -> list[Path]:
        """Returns the checkpoint folders, oldest first."""
        found = [path for path in self.root.glob("update-*") if OUR_NAME.fullmatch(path.name)]
        return sorted(found, key=lambda path: int(path.name.removeprefix("update-")))

    def newest(self, warn: Callable[[str], None]) -> tuple[Path, Checkpoint]:
        """Reads the newest checkpoint that verifies; each newer one that does not is told to `warn`.

        Raises:
            CheckpointError: none is good.
        """
        problems = []
        for folder in reversed(self.folders()):
            try:
                checkpoint = read_checkpoint(folder)
            except CheckpointError as error:
                problems.append(str(error))
                continue
            for problem in problems:
                warn(f"{problem}; {folder.name} is taken instead")
            return folder, checkpoint
        reason = "; ".join(problems) or "no checkpoint was saved yet; start the run again with `keisei run`"
        raise CheckpointError(self.root, reason)
