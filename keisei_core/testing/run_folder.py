"""A run folder to try on what writes into one, and what it may raise when the folder is gone."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

from keisei_core.testing.contract_error import ContractError


@contextmanager
def run_folder(prefix: str) -> Iterator[Path]:
    """Makes a run folder in a place of its own, which is the working folder meanwhile."""
    with tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True) as place:
        folder = Path(place) / "run"
        folder.mkdir()
        with chdir(place):
            yield folder


def take_away(folder: Path) -> None:
    """Puts a file in the place of the folder: now nothing can be written there, not even by root."""
    shutil.rmtree(folder)
    folder.touch()


def survive(what: str, call: Callable[[], object]) -> None:
    """Calls something that may raise an Exception, and the user's interrupt, but nothing else.

    Raises:
        ContractError: it raised what ends a process.
    """
    try:
        call()
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, KeyboardInterrupt):
            raise
    except BaseException as error:
        raise ContractError(f"{what} may raise an Exception, which a run survives; got {error!r}") from error
