"""Networks with further outputs, and networks that a precision policy prepares: everywhere that a run uses them."""

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import attrs
import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations

from keisei_core.arena.trained_network import find_network
from keisei_core.checkpoint import write_checkpoint
from keisei_core.distribution import Single
from keisei_core.errors import PluginError
from keisei_core.plugins import Choice, Component, Kind, Owner, Settings, load_registry
from keisei_core.precision import Fp32
from keisei_core.run import Training
from keisei_core.shogi import NUM_ACTIONS, Ending

ALONE = Single(torch.device("cpu"))


class Plain(nn.Module):
    """One layer for each output."""

    def __init__(self, channels: Any) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(len(channels) * 81, 16), nn.Tanh())
        self.policy, self.value, self.next = nn.Linear(16, NUM_ACTIONS), nn.Linear(16, 1), nn.Linear(16, 1)

    def forward(self, planes: Tensor) -> Any:
        hidden = self.hidden(planes)
        return self.policy(hidden), self.value(hidden).squeeze(1), {"next": self.next(hidden).squeeze(1)}


class Foresees(Plain):
    """Learns what is played next."""

    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Any) -> tuple[Tensor, dict[str, Tensor]]:
        is_known = batch.next_action >= 0
        loss = (extra["next"] - batch.next_action / NUM_ACTIONS).square() * is_known
        return loss.sum() / is_known.sum().clamp(min=1), {"next_known": is_known.float().mean()}


class LeavesOut(Foresees):
    def forward(self, planes: Tensor) -> Any:
        return super().forward(planes)[:2]


class Alone(Foresees):
    def forward(self, planes: Tensor) -> Any:
        return super().forward(planes)[2]["next"]


class NormsWeights(Fp32):
    """Learns directions and lengths of the hidden layer's weights apart."""

    def prepare(self, network: nn.Module) -> nn.Module:
        parametrizations.weight_norm(network.hidden[1])
        return network


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("output_toys")
    for cls in (Plain, Foresees, LeavesOut, Alone, NormsWeights):
        setattr(module, cls.__name__, cls)
    monkeypatch.setitem(sys.modules, "output_toys", module)


def choice(kind: Kind, cls: type) -> Choice:
    component = Component(name=cls.__name__.lower(), target=f"output_toys:{cls.__name__}", summary="a toy")
    return Choice(kind, component, Owner("keisei-plugins-x", "1.0"))


def settings(tiny: Any, cls: type, **changes: object) -> Settings:
    made: Settings = attrs.evolve(tiny(**changes), model=choice(Kind.MODEL, cls))
    return made


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_further_output_is_learned_and_its_figures_are_logged(tiny: Any, precision: str) -> None:
    training = Training(settings(tiny, Foresees, precision__name=precision), ALONE)
    before = training.network.network.next.weight.clone()
    metrics, _ = training.update()

    assert 0 < metrics["next_known"] <= 1
    assert not torch.equal(before, training.network.network.next.weight)


def test_batch_tells_what_became_of_its_plies(tiny: Any) -> None:
    training = Training(settings(tiny, Foresees), ALONE)
    segment, _ = training.source.next(0)
    segment.ending[4, 1] = Ending.MATE
    rows = torch.arange(segment.num_plies).numpy()
    batch = training.learner.batches.batch(segment, rows)

    outcomes = segment.outcomes
    assert batch.plies_left.tolist() == outcomes.plies_left.reshape(-1).tolist()
    assert batch.next_action.tolist() == outcomes.next_action.reshape(-1).tolist()
    assert batch.result.dtype == torch.float32
    assert batch.result[1 : 5 * 8 : 8].tolist() == [1, -1, 1, -1, 1]
    assert batch.plies_left[1 : 5 * 8 : 8].tolist() == [5, 4, 3, 2, 1]
    assert torch.equal(batch.result.isnan(), torch.from_numpy(outcomes.result).reshape(-1).isnan())


@pytest.mark.parametrize(
    ("model", "told"),
    [
        (Plain, "forward returns next beside logits and value, but there is no auxiliary_loss"),
        (LeavesOut, "there is an auxiliary_loss, but forward returns no third output"),
        (Alone, r"forward must return \(logits, value\) or \(logits, value, extra\), got float32 \[16\]"),
    ],
)
def test_outputs_and_loss_that_do_not_go_together_are_refused_at_the_start(tiny: Any, model: type, told: str) -> None:
    with pytest.raises(PluginError, match=rf"^model '{model.__name__.lower()}' of keisei-plugins-x 1.0: {told}"):
        Training(settings(tiny, model), ALONE)


def test_network_with_further_outputs_plays_from_the_pool_and_goes_on_from_a_checkpoint(tiny: Any) -> None:
    own = settings(tiny, Foresees, selfplay__pool_share=0.5, selfplay__pool_every_updates=1, selfplay__max_plies=10)
    first, second = Training(own, ALONE), Training(own, ALONE)
    first.update()
    second.restore(first.checkpoint())

    ends = [training.update()[0] for training in (first, second)]

    assert [end["next_known"] for end in ends] == [ends[0]["next_known"]] * 2
    assert [end["value_loss"] for end in ends] == [ends[0]["value_loss"]] * 2


def test_prepared_network_learns_plays_and_goes_on(tiny: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = settings(tiny, Foresees, selfplay__pool_share=0.5, selfplay__pool_every_updates=1, selfplay__max_plies=10)
    own = attrs.evolve(own, precision=choice(Kind.PRECISION, NormsWeights))
    first, second = Training(own, ALONE), Training(own, ALONE)
    first.update()
    checkpoint = first.checkpoint()
    assert checkpoint is not None
    assert "hidden.1.parametrizations.weight.original0" in checkpoint.weights
    second.restore(checkpoint)
    assert first.update()[0]["value_loss"] == second.update()[0]["value_loss"]

    write_checkpoint(tmp_path / "update-000001", checkpoint)
    found = find_network(tmp_path / "update-000001")
    monkeypatch.setattr(type(found), "settings", lambda self, registry: own)
    third = Training(own, ALONE)
    third.restore(checkpoint)
    positions = third.source.games.positions
    player = found.evaluator(load_registry(), torch.device("cpu"))
    third.network.eval()

    assert torch.equal(player.raw(positions)[0], third.evaluator.raw(positions)[0])
