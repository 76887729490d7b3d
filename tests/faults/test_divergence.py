"""Training that diverges: steps with nan or inf are skipped, and after too many in a row the run ends unharmed."""

import os

import pytest
import torch

from keisei_core.checkpoint import CheckpointStore
from keisei_core.checkpoint.finite import first_not_finite

STEPS_PER_UPDATE = 4
HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="poisoned", target="{module}.network:Poisoned", summary="breaks at some step")]
"""
NETWORK = """
import torch
from torch import nn


class Poisoned(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.policy = nn.Conv2d(len(channels), 27, 1)
        self.value = nn.Linear(len(channels), 1)
        self.learned = 0

    def forward(self, planes):
        logits = self.policy(planes).flatten(1)
        value = torch.tanh(self.value(planes.mean(dim=(2, 3)))).squeeze(1)
        if torch.is_grad_enabled() and len(planes) > 4:  # with fewer a run looks at it before it begins
            self.learned += 1
            if {first} <= self.learned < {last}:
                value = self.broken(value)
        return logits, value

    def broken(self, value):
        if "{kind}" == "gradient":  # the root has no slope at 0, so that only the gradient is nan
            return value + (value * 0).abs().sqrt()
        return value * float("{kind}")
"""


@pytest.fixture
def poisoned(workshop, place):
    """Makes a plugin whose network breaks at some step of learning, for the processes of a place."""

    def make(kind: str, first: int, last: int) -> str:
        network = NETWORK.replace("{kind}", kind).replace("{first}", str(first)).replace("{last}", str(last))
        workshop.plugin(HOOKS, files={"network": network}, distribution="keisei-plugins-poisoned", entry="poisoned")
        place.environment["PYTHONPATH"] = os.pathsep.join([str(workshop.folder), os.environ.get("PYTHONPATH", "")])
        return 'name = "poisoned"'

    return make


@pytest.mark.parametrize("kind", ["nan", "inf", "gradient"])
def test_lasting_divergence_ends_with_5_and_the_last_good_checkpoint(place, poisoned, kind, request, found):
    if kind != "nan":
        request.getfixturevalue("only_in_full")
    model = poisoned(kind, 5 * STEPS_PER_UPDATE + 1, 10**9)
    code, said = place.finish("run", place.config(model=model, updates=50, pool=0), "--run-dir", "r")

    assert code == 5, said
    last = said.splitlines()[-1]
    assert "keisei: error: loss or gradient was nan or inf in 5 steps in a row, none of which was taken; " in last
    assert "lower optimizer.learning_rate in the run's config.toml and resume from the last checkpoint" in last
    assert "what does not learn is model 'poisoned' of keisei-plugins-poisoned 1.2.3" in last
    folder, checkpoint = CheckpointStore(place.folder / "r" / "checkpoints", 1).newest(lambda text: pytest.fail(text))
    # Update 6 has four steps, each skipped: it moved nothing, and was saved. The fifth comes in update 7.
    assert folder.name == "update-000006"
    assert first_not_finite(checkpoint) is None
    assert [line["skipped_steps"] for line in place.metrics()] == [0, 0, 0, 0, 0, 4]
    weights = [place.digests()[update]["weights.safetensors"] for update in (5, 6)]
    assert weights[0] == weights[1]
    found(f"{kind} from update 6 on", "5 steps skipped, exit 5, last checkpoint finite and equal to update 5's weights")


def test_passing_divergence_is_skipped_and_counted(place, poisoned, only_in_full, found):
    model = poisoned("nan", 2 * STEPS_PER_UPDATE + 1, 2 * STEPS_PER_UPDATE + 4)
    code, said = place.finish("run", place.config(model=model, updates=6, pool=0), "--run-dir", "r")

    assert code == 0, said
    assert [line["skipped_steps"] for line in place.metrics()] == [0, 0, 3, 0, 0, 0]
    found("nan in 3 steps of update 3", "3 steps skipped and counted, run went on to its end")


def test_one_nan_step_taken_breaks_every_parameter(found):
    """The control: what the check before the step prevents."""
    layer = torch.nn.Linear(3, 3)
    optimizer = torch.optim.Adam(layer.parameters())
    (layer(torch.ones(1, 3)).sum() * float("nan")).backward()
    torch.nn.utils.clip_grad_norm_(layer.parameters(), 0.5)
    optimizer.step()

    assert all(parameter.isnan().all() for parameter in layer.parameters())
    found("control: one nan step clipped and taken", "every parameter nan")
