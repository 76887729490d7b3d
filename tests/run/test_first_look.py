"""Networks and planes that are wrong in a way that is seen at once: named by package before there is a run."""

import random
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import attrs
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from keisei_core.distribution import Single
from keisei_core.errors import PluginError
from keisei_core.observe import Channel, CompiledPlanes
from keisei_core.plugins import Choice, Component, Kind, Owner, Settings
from keisei_core.run import Training
from keisei_core.shogi import NUM_ACTIONS, Positions, UInt8Array

ALONE = Single(torch.device("cpu"))


class Net(nn.Module):
    """One layer for each output."""

    def __init__(self, channels: Any) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(len(channels) * 81, 16), nn.Tanh())
        self.policy, self.value = nn.Linear(16, NUM_ACTIONS), nn.Linear(16, 1)

    def forward(self, planes: Tensor) -> Any:
        return self.made(*self.outputs(planes))

    def outputs(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        return self.policy(hidden), self.value(hidden).squeeze(1)

    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value


class ValueOfOneColumn(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value[:, None]


class ValueWithoutBatch(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value.mean()


class ValueSqueezed(Net):
    """Loses its axis with a single position."""

    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value.squeeze()


class PlanesOfLogits(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits.view(-1, 27, 81), value


class OneLogitMore(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return nn.functional.pad(logits, (0, 1)), value


class Dict(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return {"logits": logits, "value": value}


class Whole(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value.long()


class NanLogits(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits * float("nan"), value


class InfValue(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value + float("inf")


class HugeValue(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits, value + 8


class TurnsGradientsOff(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        torch.set_grad_enabled(False)
        return logits, value


class WithoutGradients(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits.detach(), value.detach()


class ChangesInPlace(Net):
    def outputs(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        value = self.value(hidden.exp_())
        hidden.zero_()
        return self.policy(hidden), value.squeeze(1)


class SeedsTorch(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        torch.manual_seed(3)
        return logits, value


class SeedsAll(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        np.random.seed(3)  # noqa: NPY002
        random.seed(3)
        return logits, value


class OfItsBatch(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits + logits.mean(0), value


class DoubleByDefault(Net):
    def made(self, logits: Tensor, value: Tensor) -> Any:
        torch.set_default_dtype(torch.float64)
        return logits, value


class Lazy(Net):
    def __init__(self, channels: Any) -> None:
        super().__init__(channels)
        self.value = nn.LazyLinear(1)


class NoForward(nn.Module):
    def __init__(self, channels: Any) -> None:
        super().__init__()
        self.layer = nn.Linear(len(channels), 1)


def no_module(channels: Any) -> Any:
    return lambda planes: planes


def of_torch_alone(channels: Any) -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(7, 5))


OUTPUTS = r"forward must return logits, floats \[16, 2187\], and value, floats \[16\], got "
WRONG_NETWORKS = {
    ValueOfOneColumn: OUTPUTS + r"float32 \[16, 2187\] and float32 \[16, 1\]",
    ValueWithoutBatch: OUTPUTS + r"float32 \[16, 2187\] and float32 \[\]",
    ValueSqueezed: r"forward must return .*value, floats \[1\], got float32 \[1, 2187\] and float32 \[\]",
    PlanesOfLogits: OUTPUTS + r"float32 \[16, 27, 81\]",
    OneLogitMore: OUTPUTS + r"float32 \[16, 2188\]",
    Dict: r"forward must return \(logits, value\) or .*, got \{logits: float32 \[16, 2187\], value: float32 \[16\]\}",
    Whole: OUTPUTS + r"float32 \[16, 2187\] and int64 \[16\]",
    NanLogits: "outputs must be finite, got nan or inf in logits",
    InfValue: "outputs must be finite, got nan or inf in value",
    HugeValue: r"value must be the expected result, about -1 to 1, got [78]\.\d+ on average, signs left out",
    TurnsGradientsOff: "forward must leave torch's default dtype and its switch for gradients alone",
    DoubleByDefault: "forward must leave torch's default dtype and its switch for gradients alone",
    WithoutGradients: "logits and value must come from parameters that are trained, got outputs without gradients",
    ChangesInPlace: "gradients of logits and value can't be computed: one of the variables needed .* modified",
    SeedsTorch: "forward must seed no random stream of the process, it seeds torch's",
    SeedsAll: "forward must seed no random stream of the process, it seeds numpy and Python's",
    OfItsBatch: "outputs in eval mode must not depend on the rest of the batch",
    Lazy: "parameters must have their shapes from the start, value.weight, value.bias are lazy",
    NoForward: "forward failed with NotImplementedError: Module .* missing the required",
    no_module: "a model must be a torch.nn.Module, got function",
    of_torch_alone: "forward failed with RuntimeError: mat1 and mat2 shapes cannot be multiplied",
}


class Planes:
    """One plane, of the mover's pieces."""

    channels: tuple[Channel, ...] = (Channel("toy_pieces"),)

    def __init__(self, context: Any) -> None:
        self.kept: UInt8Array | None = None
        self.calls = 0

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0] = (positions.board > 0).reshape(-1, 9, 9)


class Wraps(Planes):
    number: float = 300

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        with np.errstate(invalid="ignore"):
            planes[:, 0] = np.full((len(positions), 9, 9), self.number)


class Negative(Wraps):
    number = -1


class Nan(Wraps):
    number = float("nan")


class NanOfAByte(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:] = np.full(planes.shape, np.nan).astype(np.uint8)


class Fills(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes.fill(300)


class Beside(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        assert planes.base is not None
        planes.base.reshape(-1)[:] = 1


class HalfWritten(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0, 1:] = 0


class Keeps(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        if self.kept is not None:
            self.kept[:] = 9
        self.kept = planes
        super().encode(positions, planes)


class Counts(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        self.calls += 1
        planes[:] = self.calls


class Writes(Planes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        positions.board[:] = 0
        super().encode(positions, planes)


class WritesCompiled(CompiledPlanes):
    channels = (Channel("toy_pieces"),)

    def __init__(self, context: Any) -> None:
        pass

    def encode_flat(self, positions: Positions, memory: UInt8Array, row_stride: int) -> None:
        positions.hands[:] = 0
        for row in range(len(positions)):
            memory[row * row_stride : row * row_stride + 81] = 0


class NoChannels(Planes):
    channels = ()


WRONG_PLANES = {
    Wraps: "planes must be written as whole numbers 0 to 255, got int64 300 to 300",
    Negative: "planes must be written as whole numbers 0 to 255, got int64 -1 to -1",
    Nan: "planes must be written as whole numbers 0 to 255, got float64 nan to nan",
    NanOfAByte: "planes must be written as whole numbers 0 to 255, got invalid value encountered in cast",
    Fills: "planes must be written as whole numbers 0 to 255, got int64 300 to 300",
    Beside: "encode must write its own channels only, it wrote beside them",
    HalfWritten: "planes must be written completely, these depend on what stood there before",
    Keeps: "encode must not keep the planes that it is given, a second call changed those of the first",
    Counts: "encoding twice must give the same",
    Writes: "encode must not change positions, got assignment destination is read-only",
    WritesCompiled: "encode must not change positions, it changed hands",
    NoChannels: r"channels of .*NoChannels must be a tuple of one or more keisei_core.observe.Channel, got \(\)",
}


def choice(kind: Kind, thing: Any) -> Choice:
    component = Component(name=thing.__name__.lower(), target=f"first_toys:{thing.__name__}", summary="a toy")
    return Choice(kind, component, Owner("keisei-plugins-x", "1.0"), component.name)


@pytest.fixture(autouse=True)
def toys(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("first_toys")
    for thing in (Net, Planes, *WRONG_NETWORKS, *WRONG_PLANES, *UNUSUAL):
        setattr(module, thing.__name__, thing)
    monkeypatch.setitem(sys.modules, "first_toys", module)


@pytest.fixture(autouse=True)
def process_as_it_was() -> Iterator[None]:
    """The faults that are planted here must not reach other tests."""
    yield
    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)


def with_model(tiny: Any, thing: Any, **changes: object) -> Settings:
    made: Settings = attrs.evolve(tiny(**changes), model=choice(Kind.MODEL, thing))
    return made


@pytest.mark.parametrize("network", WRONG_NETWORKS, ids=lambda thing: thing.__name__)
def test_wrong_network_is_named_before_anything_is_played(tiny: Any, network: Any) -> None:
    with pytest.raises(PluginError) as caught:
        Training(with_model(tiny, network), ALONE)

    assert str(caught.value).startswith(f"model '{network.__name__.lower()}' of keisei-plugins-x 1.0: ")
    assert caught.match(WRONG_NETWORKS[network])


@pytest.mark.parametrize("planes", WRONG_PLANES, ids=lambda thing: thing.__name__)
def test_wrong_planes_are_named_before_anything_is_played(tiny: Any, planes: Any) -> None:
    with pytest.raises(PluginError) as caught:
        Training(attrs.evolve(tiny(), features=(choice(Kind.FEATURES, planes),)), ALONE)

    assert str(caught.value).startswith(f"features '{planes.__name__.lower()}' of keisei-plugins-x 1.0: ")
    assert caught.match(WRONG_PLANES[planes])


def test_right_network_and_planes_are_taken_and_disturb_no_random_stream(tiny: Any) -> None:
    settings = attrs.evolve(with_model(tiny, Net), features=(choice(Kind.FEATURES, Planes),))
    before = random.getstate(), np.random.get_state()[1].tolist()  # type: ignore[index]  # noqa: NPY002

    training = Training(settings, ALONE)

    assert training.notes == ()
    assert before == (random.getstate(), np.random.get_state()[1].tolist())  # type: ignore[index]  # noqa: NPY002


class Batched(Net):
    """Acts by running statistics, learns by those of the batch."""

    def __init__(self, channels: Any) -> None:
        super().__init__(channels)
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(len(channels) * 81, 16), nn.BatchNorm1d(16))


class Double(Net):
    def __init__(self, channels: Any) -> None:
        super().__init__(channels)
        self.policy.double()

    def outputs(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        return self.policy(hidden.double()), self.value(hidden).squeeze(1)


class Noisy(Net):
    """Draws in eval mode too, which is no fault: a position alone can't be compared with the batch."""

    def made(self, logits: Tensor, value: Tensor) -> Any:
        return logits + torch.randn_like(logits), value


class Counting(Net):
    """Keeps a count in a buffer, which it puts another tensor in place of."""

    count: Tensor

    def __init__(self, channels: Any) -> None:
        super().__init__(channels)
        self.register_buffer("count", torch.zeros(()))

    def made(self, logits: Tensor, value: Tensor) -> Any:
        self.count = self.count + 1
        return logits, value


UNUSUAL = (Batched, Double, Noisy, Counting)


def test_network_that_acts_otherwise_than_it_learns_is_told_and_taken(tiny: Any) -> None:
    (note,) = Training(with_model(tiny, Batched), ALONE).notes

    assert note.startswith(
        "model 'batched' of keisei-plugins-x 1.0: it acts otherwise than it learns (train mode gives"
    )


def test_parameters_that_are_not_float32_are_told_and_taken(tiny: Any) -> None:
    (note,) = Training(with_model(tiny, Double), ALONE).notes

    assert note == (
        "model 'double' of keisei-plugins-x 1.0: parameters are expected in float32, whatever the precision, "
        "policy.weight, policy.bias are not"
    )


def test_network_that_draws_in_eval_mode_is_taken(tiny: Any) -> None:
    assert Training(with_model(tiny, Noisy), ALONE).update()[0]["gradient_steps"] > 0


def test_look_at_a_network_leaves_its_buffers_as_they_were(tiny: Any) -> None:
    network = Training(with_model(tiny, Counting), ALONE).network.network

    assert network.count == 0
    assert not network.count.is_inference()


def test_planes_read_positions_that_can_not_be_written_to_at_every_call(tiny: Any) -> None:
    class Late(Planes):
        def encode(self, positions: Positions, planes: UInt8Array) -> None:
            super().encode(positions, planes)
            if len(positions) == 8:  # the games of the run, which the first look does not have
                positions.ply[:] = 0

    sys.modules["first_toys"].Late = Late  # type: ignore[attr-defined]
    training = Training(attrs.evolve(tiny(), features=(choice(Kind.FEATURES, Late),)), ALONE)

    with pytest.raises(ValueError, match="assignment destination is read-only"):
        training.update()
