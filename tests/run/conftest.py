from collections.abc import Callable

import pytest

from keisei_core.plugins import Settings, read_settings

TINY = {
    "run.plies": 512,
    "run.device": "cpu",
    "run.threads": 1,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 40,
    "learning.minibatch": 32,
    "model.tower_depth": 1,
    "model.tower_width": 8,
    "evaluation.every_updates": 4,
    "evaluation.games": 2,
    "evaluation.final_games": 4,
    "evaluation.max_plies": 60,
    "checkpoint.every_updates": 2,
}


@pytest.fixture(scope="session")
def tiny() -> Callable[..., Settings]:
    """Settings of a run of seconds; keyword arguments name keys as table__key."""

    def make(**changes: object) -> Settings:
        keys = TINY | {name.replace("__", "."): value for name, value in changes.items()}
        return read_settings(None, [(key, value) for key, value in keys.items()])

    return make
