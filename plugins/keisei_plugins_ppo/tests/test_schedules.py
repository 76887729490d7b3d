"""Coefficients that go linearly from one value to another: the loss gets those of the run's progress, in every pass."""

from collections.abc import Mapping
from typing import Any

import pytest
import torch
from torch import Tensor

from keisei_core.distribution import Single
from keisei_core.learn import Outputs
from keisei_core.plugins import read_settings
from keisei_core.run import Training
from keisei_plugins_ppo import ppo

KEYS = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.plies": 256,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 20,
    "learning.minibatch": 64,
    "model.name": "baseline",
    "model.channels": 8,
    "input.features": "core46",
    "algorithm.epochs": 1,
    "algorithm.target_kl": 0,
    "algorithm.value_coefficient": 3.0,
    "algorithm.final_value_coefficient": 1.0,
    "algorithm.entropy_coefficient": 0.0,
    "algorithm.final_entropy_coefficient": 0.5,
}


def test_weights_of_value_and_entropy_follow_the_progress_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def noted(*arguments: object, **keys: float) -> object:
        seen.append((keys["value_coefficient"], keys["entropy_coefficient"]))
        return loss(*arguments, **keys)

    loss = ppo.ppo_loss
    monkeypatch.setattr(ppo, "ppo_loss", noted)
    training = Training(read_settings(None, [*KEYS.items()]), Single(torch.device("cpu")))
    progress = [training.update()[0]["progress"] for _ in range(4)]

    assert progress[0] < progress[1] < progress[2] < progress[3]
    assert [value for value, _ in seen] == pytest.approx([3 - 2 * share for share in progress])
    assert [entropy for _, entropy in seen] == pytest.approx([share / 2 for share in progress])


def test_value_of_a_segment_that_is_learned_again_has_the_weight_of_that_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without entropy the loss of a further pass is the value's, times its weight."""
    keys = KEYS | {"algorithm.final_entropy_coefficient": 0.0, "algorithm.replay_passes": 1}
    training = Training(read_settings(None, [*keys.items()]), Single(torch.device("cpu")))
    seen, agree = [], training.learner.steps.agree

    def noted(outputs: Outputs, loss: Tensor, terms: Mapping[str, Tensor], *others: Any) -> Any:
        if "replay_value_loss" in terms:
            seen.append(float(loss.detach() / terms["replay_value_loss"]))
        return agree(outputs, loss, terms, *others)

    monkeypatch.setattr(training.learner.steps, "agree", noted)
    progress = [training.update()[0]["progress"] for _ in range(4)]

    assert progress[-1] > 0.5
    assert seen == pytest.approx([3 - 2 * share for share in progress])
