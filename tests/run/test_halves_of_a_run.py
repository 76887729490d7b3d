"""A run whose games are played in halves: the same updates whoever waits for whom, and the same after a stop."""

import numpy as np
import pytest
import torch

from keisei_core.decide import PolicyDecider, decision_of
from keisei_core.distribution import Single
from keisei_core.run import Training

ALONE = Single(torch.device("cpu"))


class InOrder(PolicyDecider):
    """Decides a half and lets nobody else work before that is done."""

    def decide(self, games, evaluator, stream):
        return decision_of(super().stages(games, evaluator, stream))


@pytest.fixture
def settings(tiny):
    return tiny(
        selfplay__halves="yes", selfplay__pool_share=0.5, selfplay__pool_every_updates=1, selfplay__max_plies=20
    )


def updated(training: Training, num_updates: int) -> dict[str, object]:
    """Returns the figures of some updates but for times."""
    figures = [training.update()[0] for _ in range(num_updates)]
    return {f"{name} {n}": x for n, each in enumerate(figures) for name, x in each.items() if "_s" not in name}


def test_updates_are_the_same_whether_halves_overlap_or_not(settings):
    overlapped, in_order = Training(settings, ALONE), Training(settings, ALONE)
    in_order.source.decider = InOrder(None)

    assert updated(overlapped, 3) == updated(in_order, 3)
    for name, tensor in overlapped.network.state_dict().items():
        assert torch.equal(tensor, in_order.network.state_dict()[name])


def test_run_in_halves_goes_on_from_a_checkpoint_as_if_it_had_not_stopped(settings):
    whole, resumed = Training(settings, ALONE), Training(settings, ALONE)
    updated(whole, 2)
    resumed.restore(whole.checkpoint())

    assert updated(whole, 2) == updated(resumed, 2)


@pytest.mark.parametrize(("halves", "number"), [("auto", 1), ("no", 1), ("yes", 2)])
def test_games_are_parted_where_the_config_says_so_and_a_cpu_alone_does_not(tiny, halves, number):
    assert len(Training(tiny(selfplay__halves=halves), ALONE).source.halves) == number


def test_games_that_were_cut_are_evaluated_once_an_update_and_all_together(settings, monkeypatch):
    training, sizes = Training(settings, ALONE), []
    updated(training, 3)
    raw = training.evaluator.raw
    monkeypatch.setattr(training.evaluator, "raw", lambda positions: sizes.append(len(positions)) or raw(positions))

    segment, _ = training.source.next()
    training.learner.update(segment, 0.0)

    assert sorted(sizes) == [len(segment.cut), len(segment.after)] == [4, 8]


def test_values_of_cut_games_in_one_batch_are_those_of_each_alone_but_for_rounding(settings):
    """Convolutions round otherwise in batches of fewer than 16 positions: by 6e-7 where it was measured."""
    training = Training(settings, ALONE)
    positions = training.source.next()[0].positions
    training.network.eval()

    together = training.evaluator.value(positions)
    alone = [training.evaluator.value(positions[row : row + 1]) for row in range(8)]

    assert np.concatenate(alone) == pytest.approx(together[:8], abs=1e-5)
