"""What the workers of a run do, on its way to them."""

import pickle
import sys
from pathlib import Path
from typing import Any, Final

from keisei_core.launching.part import Work

JOB: Final = "job.pickle"


def write_job(folder: Path, work: Work, arguments: tuple[Any, ...]) -> None:
    """Writes what the workers do, behind where they find their modules; the folder is this user's alone."""
    with (folder / JOB).open("wb") as file:
        pickle.dump(sys.path, file)
        pickle.dump((work, arguments), file)
