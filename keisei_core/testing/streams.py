"""The random streams that belong to nobody, and whether somebody drew from them."""

import random
from collections.abc import Callable
from typing import Final

import numpy as np
import torch

from keisei_core.testing.contract_error import require

_GLOBAL_DRAWS: Final = (random.random, np.random.random_sample, lambda: torch.rand(1))


def require_global_streams_stay(work: Callable[[], object], complaint: str) -> None:
    """Does some work and raises a `ContractError` if a stream moved that belongs to nobody.

    Args:
        work: what must draw from streams of its own.
        complaint: what is said then, with `{touched}` where the names of the streams go.
    """
    for draw in _GLOBAL_DRAWS:  # so that work which seeds a stream afresh at every call is found too
        draw()
    states = _global_streams()
    work()
    touched = [name for name, state in _global_streams().items() if state != states[name]]
    require(not touched, complaint.format(touched=touched))


def _global_streams() -> dict[str, object]:
    """Returns the states of the random streams that belong to nobody."""
    _, keys, *position = np.random.get_state(legacy=True)  # noqa: NPY002
    return {
        "random": random.getstate(),
        "numpy.random": (np.asarray(keys).tobytes(), *position),
        "torch": torch.get_rng_state().numpy().tobytes(),
    }
