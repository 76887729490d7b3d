"""Acting, learning and matches on a GPU, a pretended one: no operation takes tensors of two devices."""

from collections.abc import Callable, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from keisei_core.arena import Score
from keisei_core.distribution import Single
from keisei_core.learn import Batch
from keisei_core.plugins import Kind, Settings, load_registry, read_settings
from keisei_core.precision import Fp32
from keisei_core.run import Training
from keisei_core.testing import MixedDevicesError, Waits, pretended_gpu
from keisei_core.testing.pretended_gpu import PretendedGraph
from keisei_plugins_baseline.network import Baseline

NETWORK = Path(__file__).parents[2] / "docs" / "results" / "gate" / "new"
KEYS = {
    "run.device": "cuda",
    "run.threads": 1,
    "selfplay.games": 4,
    "selfplay.rollout_plies": 4,
    "selfplay.max_plies": 40,
    "selfplay.pool_share": 0.5,
    "learning.minibatch": 16,
    "algorithm.epochs": 1,
    "evaluation.max_plies": 40,
}
SMALL = {
    "baseline": {"model.channels": 4},
    "resnet": {"model.tower_depth": 1, "model.tower_width": 8},
}
"""Options of each network."""
PARTS = {"model": Kind.MODEL, "precision": Kind.PRECISION, "optimizer": Kind.OPTIMIZER}


def settings(model: str = "baseline", teachers: Sequence[str] = ("tactics", "distill"), **parts: str) -> Settings:
    """Reads settings of a run of seconds with these parts."""
    chosen: dict[str, object] = {"model.name": model, "teaching.teachers": list(teachers)}
    chosen |= {f"{part}.name": name for part, name in parts.items()}
    if "distill" in teachers:
        chosen["teaching.distill.network"] = str(NETWORK)
    return read_settings(None, list((KEYS | SMALL[model] | chosen).items()))


def combinations() -> list[dict[str, str]]:
    """Runs in which every bundled network, precision and optimiser takes part."""
    registry = load_registry()
    names = [[one.name for one in registry.choices(kind) if one.owner.is_bundled] for kind in PARTS.values()]
    columns = [islice(cycle(each), max(map(len, names))) for each in names]
    return [dict(zip(PARTS, row, strict=True)) for row in zip(*columns, strict=True)]


def played_and_learned(settings: Settings, device: torch.device) -> tuple[dict[str, float], Score]:
    """Returns an update's figures and what comes of a match; a checkpoint is made and taken back in between."""
    training = Training(settings, Single(device))
    figures, _ = training.update()
    checkpoint = training.checkpoint()
    assert checkpoint is not None
    training.restore(checkpoint)
    return {name: value for name, value in figures.items() if not name.endswith("_s")}, training.matches.play(2)


@pytest.mark.parametrize("parts", combinations(), ids=lambda parts: "-".join(parts.values()))
def test_run_of_bundled_parts_mixes_no_devices(parts: dict[str, str]) -> None:
    with pretended_gpu() as gpu:
        figures, _ = played_and_learned(settings(**parts), gpu)

    assert figures["gradient_norm"] > 0


def test_run_on_a_gpu_is_that_on_the_cpu(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    # Without the teacher whose network computes in 16 bits, which a pretended GPU does not.
    one = settings(teachers=("tactics",))
    replays, replay = [], PretendedGraph.replay
    monkeypatch.setattr(PretendedGraph, "replay", lambda graph: replays.append(graph) or replay(graph))

    expected, score = played_and_learned(one, torch.device("cpu"))
    with pretended_gpu() as gpu:
        figures, its_score = played_and_learned(one, gpu)

    assert figures == pytest.approx(expected, rel=1e-4, abs=1e-6, nan_ok=True)
    assert its_score == score
    assert replays
    assert "without CUDA graphs" not in capfd.readouterr().err


def test_run_that_plays_ahead_on_a_gpu_is_that_on_the_cpu() -> None:
    def figures(device: torch.device) -> dict[str, float]:
        training = Training(read_settings(None, list((KEYS | SMALL["baseline"] | ahead).items())), Single(device))
        training.update()
        found, _ = training.update()
        return {name: value for name, value in found.items() if not name.endswith(("_s", "wait_share"))}

    ahead = {"model.name": "baseline", "run.lag": 1}
    with pretended_gpu() as gpu:
        found = figures(gpu)

    assert found == pytest.approx(figures(torch.device("cpu")), rel=1e-4, abs=1e-6)


def waits_of_an_update(minibatch: int) -> int:
    """Returns how often the CPU waits for the GPU in an update of 16 plies in such minibatches."""
    changes = {"learning.minibatch": minibatch, "algorithm.target_kl": 0, "model.name": "baseline"}
    of = read_settings(None, list((KEYS | SMALL["baseline"] | changes).items()))
    with pretended_gpu() as gpu:
        training = Training(of, Single(gpu))
        segment, _ = training.source.next(0)
        waits = Waits()
        training.learner.update(segment, 0.0)
    return waits.count


def test_gradient_steps_are_not_waited_for_one_by_one() -> None:
    assert waits_of_an_update(minibatch=2) == waits_of_an_update(minibatch=16)


def shifted(forward: Callable[..., Any]) -> Callable[..., Any]:
    """Returns a network's forward pass that adds a tensor which is no buffer, so that no `.to` moves it."""

    def forward_and_shift(network: Any, planes: Tensor) -> Any:
        logits, value = forward(network, planes)
        return logits, value + torch.zeros(len(value))

    return forward_and_shift


def weighted(step: Callable[..., float]) -> Callable[..., float]:
    """Returns a precision's step that weighs the loss by a tensor of the CPU."""
    return lambda policy, loss, *rest: step(policy, loss * torch.ones(1).squeeze(0).expand(1), *rest)


def left_behind(of: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Returns a minibatch's look-up that leaves what it found on the CPU."""
    return lambda batch, array: of(batch, array).cpu()


@pytest.mark.parametrize(
    ("owner", "name", "broken"),
    [
        pytest.param(Baseline, "forward", shifted, id="network"),
        pytest.param(Fp32, "step", weighted, id="precision"),
        pytest.param(Batch, "of", left_behind, id="minibatch"),
    ],
)
def test_part_that_mixes_devices_is_found(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str, broken: Callable[..., Any]
) -> None:
    monkeypatch.setattr(owner, name, broken(getattr(owner, name)))

    with pretended_gpu() as gpu, pytest.raises(Exception, match="expected tensors of one device") as found:
        played_and_learned(settings(), gpu)

    assert isinstance(found.value.__cause__ or found.value, MixedDevicesError)
