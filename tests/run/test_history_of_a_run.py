"""Runs whose planes ask for earlier positions: learned from as seen, resumed bit for bit, migrated to and from."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import Settings
from keisei_core.run import Training

ALONE = Single(torch.device("cpu"))


@pytest.fixture
def settings(tiny: Callable[..., Settings]) -> Settings:
    return tiny(
        input__features="core46+history",
        input__history__earlier=3,
        selfplay__max_plies=20,
        selfplay__pool_share=0.5,
        selfplay__pool_every_updates=1,
        teaching__teachers=["tactics"],
    )


def figures(training: Training, num_updates: int) -> list[dict[str, float]]:
    """Makes updates and returns their metrics but for the clock's."""
    found = [training.update()[0] for _ in range(num_updates)]
    return [{name: value for name, value in each.items() if not name.endswith(("_s", "per_s"))} for each in found]


def test_learning_sees_what_play_saw(settings: Settings) -> None:
    for metrics in figures(Training(settings, ALONE), 4):
        assert metrics["first_ratio_error"] < 1e-6  # play sums over all actions, learning over legal ones


def test_resumed_run_goes_on_bit_for_bit(settings: Settings, tmp_path: Any) -> None:
    whole = Training(settings, ALONE)
    figures(whole, 3)
    write_checkpoint(tmp_path / "update", whole.checkpoint())
    resumed = Training(settings, ALONE)
    resumed.restore(read_checkpoint(tmp_path / "update"))

    assert whole.source.games.positions.history.any()
    assert figures(resumed, 2) == figures(whole, 2)
    for name, tensor in whole.network.network.state_dict().items():
        assert torch.equal(tensor, resumed.network.network.state_dict()[name]), name


def test_history_is_not_what_it_was_without_the_games_past(settings: Settings) -> None:
    whole, resumed = Training(settings, ALONE), Training(settings, ALONE)
    figures(whole, 3)
    checkpoint = whole.checkpoint()
    assert checkpoint is not None
    resumed.restore(checkpoint)
    resumed.source.games.positions.history[:] = 0

    assert figures(resumed, 2) != figures(whole, 2)


def test_match_of_a_run_shows_its_network_the_past(settings: Settings) -> None:
    score = Training(settings, ALONE).matches.play(4)

    assert score.games == 4


def test_teacher_with_a_network_of_the_past_gets_the_past(
    settings: Settings, tiny: Callable[..., Settings], tmp_path: Any
) -> None:
    checkpoint = Training(settings, ALONE).checkpoint()
    assert checkpoint is not None
    write_checkpoint(tmp_path / "update", checkpoint)
    taught = Training(
        tiny(teaching__teachers=["distill"], teaching__distill__network=str(tmp_path / "update")),
        ALONE,
    )

    (metrics,) = figures(taught, 1)

    assert taught.features.needs.history == 0
    assert taught.source.games.positions.num_earlier == 3
    assert metrics["distill_loss"] > 0
