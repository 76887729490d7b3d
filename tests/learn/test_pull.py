"""How hard teachers pull beside the algorithm."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from keisei_core.distribution import Single
from keisei_core.learn.pull import pulls
from keisei_core.run import Training


def test_share_is_of_the_norms_of_the_gradients_by_the_logits() -> None:
    logits = torch.zeros(2, 3, requires_grad=True)
    toy, other = 3 * logits[0, 0], 4 * logits[1, 2] + 3 * logits[0, 1]

    found = pulls(logits, 2 * logits[0, 0], {"toy": toy, "other": other})

    assert {name: share.item() for name, share in found.items()} == pytest.approx({"toy_pull": 0.3, "other_pull": 0.5})


@pytest.mark.parametrize("loss", [torch.tensor(2.0), torch.ones((), requires_grad=True) * 2])
def test_who_does_not_touch_the_policy_does_not_pull(loss: torch.Tensor) -> None:
    logits = torch.zeros(2, 3, requires_grad=True)

    assert pulls(logits, logits.sum(), {"toy": loss})["toy_pull"] == 0
    assert pulls(logits, loss, {"toy": logits.sum()})["toy_pull"] == 1
    assert pulls(logits, loss, {"toy": loss})["toy_pull"] == 0


def test_an_update_tells_it_and_learns_the_same(tiny: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tiny(teaching__teachers=["tactics"], teaching__tactics__weight=2.0, learning__minibatch=16)
    weights = []
    for nothing in (False, True):
        if nothing:
            monkeypatch.setattr("keisei_core.learn.step.pulls", lambda *_: {})
        training = Training(settings, Single(torch.device("cpu")))
        report = training.learner.update(training.source.next()[0], 0.0)
        weights.append(training.checkpoint().weights)
        assert report.num_steps > 1
        assert ("tactics_pull" in report.figures) != nothing
        assert nothing or 0 < report.figures["tactics_pull"] < 1

    assert all(torch.equal(tensor, weights[1][name]) for name, tensor in weights[0].items())
