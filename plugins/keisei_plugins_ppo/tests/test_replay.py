"""Further passes over segments that are kept: what they learn, and that a resumed run makes the same ones."""

import pytest
import torch

from keisei_core.distribution import Single
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training

ALONE = Single(torch.device("cpu"))
TINY = {
    "run.device": "cpu",
    "run.threads": 1,
    "run.plies": 1024,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 8,
    "selfplay.max_plies": 20,
    "learning.minibatch": 32,
    "model.name": "baseline",
    "model.channels": 8,
    "input.features": "core46",
    "algorithm.epochs": 1,
    "algorithm.target_kl": 0,
}


def settings(**options: object) -> Settings:
    keys = TINY | {f"algorithm.{name}": value for name, value in options.items()}
    return read_settings(None, [*keys.items()])


def weights(training: Training) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in training.network.state_dict().items()}


def test_passes_add_steps_and_the_value_learns_more_from_them() -> None:
    plain, more = (Training(settings(replay_passes=passes), ALONE) for passes in (0, 3))
    figures = [training.update()[0] for training in (plain, more)]

    assert [row["gradient_steps"] for row in figures] == [2, 8]
    assert "replay_value_loss" not in figures[0]
    assert 0 < figures[1]["replay_value_loss"] < figures[1]["value_loss"]
    assert figures[0]["value_loss"] == figures[1]["value_loss"]


def test_policy_of_the_moves_that_were_drawn_is_left_alone() -> None:
    """The policy head learns nothing where the value alone is learned from."""
    training = Training(settings(replay_passes=4, policy_coefficient=0, entropy_coefficient=0,
                                 final_entropy_coefficient=0), ALONE)  # fmt: skip
    before = weights(training)
    training.update()

    moved = {name for name, tensor in weights(training).items() if not torch.equal(tensor, before[name])}
    assert any("value" in name for name in moved)
    assert not [name for name in moved if "policy" in name]


def test_window_keeps_the_newest_segments() -> None:
    training = Training(settings(replay_passes=1, replay_window=2), ALONE)
    segments = []
    for _ in range(3):
        training.update()
        segments = [segment.version for segment in training.learner.algorithm.replay.segments]

    assert segments == [1, 2]


@pytest.mark.parametrize("window", [1, 3])
def test_resumed_run_learns_again_from_the_same_segments(window: int) -> None:
    whole = Training(settings(replay_passes=2, replay_window=window), ALONE)
    for _ in range(2):
        whole.update()
    resumed = Training(settings(replay_passes=2, replay_window=window), ALONE)
    resumed.restore(whole.snapshot())
    figures = [{name: value for name, value in training.update()[0].items() if not name.endswith("_s")}
               for training in (whole, resumed)]  # fmt: skip

    assert figures[0] == figures[1]
    one, other = weights(whole), weights(resumed)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_run_that_begins_to_keep_segments_goes_on_from_one_that_did_not() -> None:
    plain = Training(settings(), ALONE)
    plain.update()
    more = Training(settings(replay_passes=1, replay_window=2), ALONE)
    more.restore(plain.snapshot())

    assert more.update()[0]["gradient_steps"] == 4
