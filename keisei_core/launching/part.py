"""One process's part of a run that has several, and how another's death is told from an error of its own."""

import os
from collections.abc import Callable
from typing import Any, Final

from keisei_core.errors import DistributionError
from keisei_core.launching.job import Work
from keisei_core.shown import first_line

ERROR_FILE: Final = "TORCHELASTIC_ERROR_FILE"
"""Environment variable by which torchrun says where it looks for a traceback."""


def take_part(work: Work, arguments: tuple[Any, ...]) -> int:
    """Does this process's part; its traceback goes where torchrun looks for it.

    Raises:
        DistributionError: the connection to another process broke.
    """
    try:
        return recorded(work)(*arguments) or 0
    except RuntimeError as error:
        if not is_lost_connection(error):
            raise
        raise DistributionError(
            f"rank {os.environ['RANK']} of {os.environ['WORLD_SIZE']} at {os.environ['MASTER_ADDR']}:"
            f"{os.environ['MASTER_PORT']} lost {''.join(getattr(error, '__notes__', ())) or 'another process'}: "
            f"{first_line(error)}; look at the messages of the other, then resume from the last checkpoint"
        ) from None


def recorded(work: Work) -> Callable[..., int | None]:
    """Returns work whose traceback goes where torchrun looks for it; the same work where nobody does."""
    if ERROR_FILE not in os.environ:
        return work
    from torch.distributed.elastic.multiprocessing.errors import record

    return record(work)


def is_lost_connection(error: RuntimeError) -> bool:
    """Tells what gloo, nccl or the store raise for another's death from any other error."""
    from torch.distributed import DistError

    return isinstance(error, DistError) or "gloo" in str(error)
