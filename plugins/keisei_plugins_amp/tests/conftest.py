from collections.abc import Callable

import pytest
import torch

from keisei_core.distribution import Single
from keisei_core.plugins import read_settings
from keisei_core.run import Training

TINY = {
    "run.plies": 512,
    "run.device": "cpu",
    "run.threads": 1,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 80,
    "selfplay.opening_plies": 60,  # pieces are taken from the first ply on: there is something to learn
    "learning.minibatch": 32,
    "algorithm.target_kl": 0.0,
    "model.tower_depth": 1,
    "model.tower_width": 16,
}


@pytest.fixture
def training() -> Callable[..., Training]:
    """Builds a training of seconds in a precision; keyword arguments name keys as table__key."""

    def make(precision: str, **changes: object) -> Training:
        keys = (
            TINY | {"precision.name": precision} | {name.replace("__", "."): value for name, value in changes.items()}
        )
        return Training(read_settings(None, list(keys.items())), Single(torch.device("cpu")))

    return make
