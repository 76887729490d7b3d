"""The kit on plugins that are wrong on purpose."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from keisei_core.observe import Channel, FeaturePlanes, PlaneContext
from keisei_core.shogi import NUM_ACTIONS, Positions, UInt8Array
from keisei_core.testing import (
    FEATURE_PLANES_CHECKS,
    MODEL_CHECKS,
    ContractError,
    check_feature_planes,
    check_model,
    feature_set,
)
from keisei_core.testing.feature_planes import PlanesUnderTest
from keisei_core.testing.models import ModelUnderTest


class GoodPlanes:
    """The board of the mover's pieces, and one constant plane."""

    channels: tuple[Channel, ...] = (Channel("toy_pieces"), Channel("toy_check"))

    def __init__(self, context: PlaneContext) -> None:
        self.context = context

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0] = (positions.board > 0).reshape(-1, 9, 9)
        planes[:, 1] = positions.in_check[:, None, None]


class ChannelsOfTheLength(GoodPlanes):
    def __init__(self, context: PlaneContext) -> None:
        super().__init__(context)
        self.channels = (Channel(f"toy_{context.max_plies}"), Channel("toy_check"))


class HalfWritten(GoodPlanes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        planes[:, 0] = (positions.board > 0).reshape(-1, 9, 9)
        planes[positions.in_check == 1, 1] = 1


class WritesBeside(GoodPlanes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        if planes.base is not None and planes.base.ndim == 4 and planes.base.shape[1] > 2:
            planes.base[:, -1] = 3


class Forgetful(GoodPlanes):
    calls = 0

    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        Forgetful.calls += 1
        planes[:, 1] = Forgetful.calls % 251


class OfTheBatch(GoodPlanes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 1] = len(positions) % 256


class ChangesPositions(GoodPlanes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        positions.hands[:] = 0


class OfTheColour(GoodPlanes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 1] = positions.side_to_move[:, None, None]


class LeftHanded(GoodPlanes):
    def encode(self, positions: Positions, planes: UInt8Array) -> None:
        super().encode(positions, planes)
        planes[:, 1] = 0
        planes[:, 1, 8] = 1


def broken(checks: tuple[Callable[[Any], None], ...], under_test: object) -> list[str]:
    """Names the checks that complain."""
    complaints = []
    for check in checks:
        try:
            check(under_test)
        except ContractError:
            complaints.append(check.__name__.removeprefix("check_"))
    return complaints


def test_good_planes_pass_every_check() -> None:
    assert check_feature_planes(GoodPlanes) == len(FEATURE_PLANES_CHECKS)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (ChannelsOfTheLength, "channels_are_declared"),
        (HalfWritten, "every_element_is_written"),
        (WritesBeside, "neighbours_are_left_alone"),
        (OfTheBatch, "batch_equals_singles"),
        (ChangesPositions, "input_is_left_alone"),
        (OfTheColour, "colour_makes_no_difference"),
        (LeftHanded, "mirrored_positions_give_mirrored_planes"),
    ],
)
def test_wrong_planes_break_just_their_check(make: Callable[[PlaneContext], FeaturePlanes], complaint: str) -> None:
    assert broken(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=make)) == [complaint]


def test_planes_that_differ_from_call_to_call_are_found() -> None:
    assert "same_positions_give_same_planes" in broken(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=Forgetful))


def test_what_the_author_declares_is_not_held_against_him() -> None:
    assert broken(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=OfTheColour, absolute=("toy_check",))) == []
    assert broken(FEATURE_PLANES_CHECKS, PlanesUnderTest(make=LeftHanded, mirrors=False)) == []


class GoodModel(nn.Module):
    """A hidden layer, and one linear layer for each output."""

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(len(channels) * 81, 64), nn.Tanh())
        self.policy = nn.Linear(64, NUM_ACTIONS)
        self.value = nn.Linear(64, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        return self.policy(hidden), torch.tanh(self.value(hidden)).squeeze(1)


class ValueOfAnotherShape(GoodModel):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits, value.unsqueeze(1)


class BoundlessValue(GoodModel):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        return self.policy(hidden), self.value(hidden).squeeze(1)


class AlwaysFloat32(GoodModel):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits.float(), value


class Unreached(GoodModel):
    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        self.spare = nn.Linear(1, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + 0 * self.spare(logits[:, :1]).detach(), value


class OfItsCompany(GoodModel):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + logits.mean(0), value


class ChangesPlanes(GoodModel):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        outputs = super().forward(planes)
        if not torch.is_grad_enabled():
            planes.mul_(1.5)
        return outputs


class LosesState(GoodModel):
    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        self.register_buffer("shift", torch.rand(1), persistent=False)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + self.shift, value


class OfItsOwnSeed(GoodModel):
    made = 0

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        OfItsOwnSeed.made += 1
        nn.init.constant_(self.value.bias, OfItsOwnSeed.made)


class SharedWeights(GoodModel):
    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        self.twin = nn.Linear(64, 1)
        self.twin.weight = self.value.weight

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + self.twin(self.hidden(planes)), value


class DeadValue(GoodModel):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits, value * 0.01


def test_good_model_passes_every_check() -> None:
    assert check_model(GoodModel, feature_set("core46")) == len(MODEL_CHECKS)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (ValueOfAnotherShape, "shapes"),
        (BoundlessValue, "value_is_in_range"),
        (AlwaysFloat32, "every_dtype_is_finite"),
        (Unreached, "gradients_reach_every_parameter"),
        (OfItsCompany, "batch_size_makes_no_difference"),
        (ChangesPlanes, "input_and_layout"),
        (LosesState, "state_round_trip"),
        (OfItsOwnSeed, "seed_decides_weights"),
        (SharedWeights, "summary_counts_every_parameter"),
        (DeadValue, "one_batch_overfits"),
    ],
)
def test_wrong_model_breaks_its_check(make: Callable[[tuple[Channel, ...]], nn.Module], complaint: str) -> None:
    check = next(check for check in MODEL_CHECKS if check.__name__ == f"check_{complaint}")
    with pytest.raises(ContractError):
        check(ModelUnderTest(make=make, features=feature_set("core46")))
