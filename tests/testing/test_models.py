"""The contract of networks finds what is wrong on purpose, and nothing else."""

import pytest
import torch
from torch import Tensor, nn

from keisei_core.migration import INPUT, Layout, LayoutDraft
from keisei_core.observe import Channel
from keisei_core.shogi import NUM_ACTIONS
from keisei_core.testing import MODEL_CHECKS, ModelUnderTest, Outcome, failures, feature_set, run_checks


class Good(nn.Module):
    """A hidden layer, and one linear layer for each output."""

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Flatten(), nn.Linear(len(channels) * 81, 64), nn.Tanh())
        self.policy = nn.Linear(64, NUM_ACTIONS)
        self.value = nn.Linear(64, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        return self.policy(hidden), torch.tanh(self.value(hidden)).squeeze(1)

    def layout(self) -> Layout:
        draft = LayoutDraft(self)
        draft.layer("hidden.1", reads=INPUT, elements=81)
        return draft.finished()


class SqueezesTooMuch(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits, value.squeeze()


class BoundlessValue(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        hidden = self.hidden(planes)
        return self.policy(hidden), self.value(hidden).squeeze(1)


class OverflowsInHalfPrecision(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits * 1e6 / 1e6, value


class Unreached(Good):
    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        self.spare = nn.Linear(1, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + 0 * self.spare(logits[:, :1]).detach(), value


class OfItsCompany(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + logits.mean(0), value


class DropsOut(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return nn.functional.dropout(logits, 0.02, self.training), value


class ChangesPlanes(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        planes.clamp_(max=0.5)
        return super().forward(planes)


class LosesState(Good):
    def __init__(self, channels: tuple[Channel, ...]) -> None:
        shift = torch.rand(1)
        super().__init__(channels)
        self.register_buffer("shift", shift, persistent=False)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + self.shift, value


class OfItsOwnSeed(Good):
    made = 0

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        OfItsOwnSeed.made += 1
        nn.init.constant_(self.value.bias, OfItsOwnSeed.made / 1000)


class SharedWeights(Good):
    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        self.twin = nn.Linear(64, 1)
        self.twin.weight = self.value.weight

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + self.twin(self.hidden(planes)) * torch.arange(NUM_ACTIONS) / NUM_ACTIONS, value


class DeafValue(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits, value * 0.01


class MistakesItsLayout(Good):
    def layout(self) -> Layout:
        draft = LayoutDraft(self)
        draft.layer("hidden.1", reads=INPUT, read_times=81)
        return draft.finished()


BROKEN: dict[str, type[Good]] = {
    "shapes": SqueezesTooMuch,
    "value_is_in_range": BoundlessValue,
    "every_precision_is_finite": OverflowsInHalfPrecision,
    "gradients_reach_every_parameter": Unreached,
    "batch_size_makes_no_difference": OfItsCompany,
    "train_mode_makes_no_difference": DropsOut,
    "input_and_layout": ChangesPlanes,
    "state_round_trip": LosesState,
    "seed_decides_weights": OfItsOwnSeed,
    "summary_counts_every_parameter": SharedWeights,
    "one_batch_overfits": DeafValue,
    "layout_is_true": MistakesItsLayout,
}


def under_test(make: type[Good]) -> ModelUnderTest:
    return ModelUnderTest(make=make, features=feature_set("core46"))


def test_good_model_passes_every_check() -> None:
    found = run_checks(MODEL_CHECKS, under_test(Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 12


def test_every_check_has_a_model_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in MODEL_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_model_breaks_just_its_check(check: str) -> None:
    assert list(failures(MODEL_CHECKS, under_test(BROKEN[check]))) == [check]


def test_layout_that_does_not_fit_the_tensors_is_found() -> None:
    class Misses(Good):
        def layout(self) -> Layout:
            return Layout(channels={}, axes={})

    assert list(failures(MODEL_CHECKS[-1:], under_test(Misses))) == ["layout_is_true"]


def test_network_that_declares_no_layout_is_not_asked() -> None:
    class Plain(nn.Module):
        def __init__(self, channels: tuple[Channel, ...]) -> None:
            super().__init__()
            self.good = Good(channels)

        def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
            return self.good(planes)

    found = run_checks(MODEL_CHECKS[-1:], ModelUnderTest(make=Plain, features=feature_set("core46")))

    assert [finding.reason for finding in found] == ["no layout"]


def test_network_that_says_it_trains_otherwise_is_not_asked() -> None:
    declared = ModelUnderTest(make=DropsOut, features=feature_set("core46"), trains_as_it_acts=False)

    assert failures(MODEL_CHECKS, declared) == {}
