"""The contract of networks finds what is wrong on purpose, and nothing else."""

import pytest
import torch
from torch import Tensor, nn

from keisei_core.learn import Batch
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


class OverflowsWithLargeWeights(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits, value + 0 * torch.exp(20 * self.value(self.hidden(planes))).squeeze(1)


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


class SeedsItself(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        torch.manual_seed(0)
        return super().forward(planes)


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
        return logits + self.twin(self.hidden(planes)) * torch.arange(
            NUM_ACTIONS, device=logits.device
        ) / NUM_ACTIONS, value


class DeafValue(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits, value * 0.01


class MistakesItsLayout(Good):
    def layout(self) -> Layout:
        draft = LayoutDraft(self)
        draft.layer("hidden.1", reads=INPUT, read_times=81)
        return draft.finished()


class TellsTheResult(Good):
    """With a further head: the result, where it is known."""

    def __init__(self, channels: tuple[Channel, ...]) -> None:
        super().__init__(channels)
        self.result = nn.Linear(64, 1)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:  # type: ignore[override]
        hidden = self.hidden(planes)
        return self.policy(hidden), self.value(hidden).squeeze(1), {"result": self.told(hidden)}

    def told(self, hidden: Tensor) -> Tensor:
        return self.result(hidden).squeeze(1)

    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        is_known = batch.result.isfinite()
        loss = (extra["result"] - batch.result.nan_to_num()).square() * is_known
        return loss.sum() / is_known.sum().clamp(min=1), {"result_known": is_known.float().mean()}


class LosesNothing(TellsTheResult):
    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        return super().auxiliary_loss(extra, batch)[0], {"result_known": batch.result.isfinite()}


class StandsAside(TellsTheResult):
    def told(self, hidden: Tensor) -> Tensor:
        return super().told(hidden.detach())


class AddsFromTheCpu(Good):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = super().forward(planes)
        return logits + torch.zeros(NUM_ACTIONS), value


BROKEN: dict[str, type[Good]] = {
    "shapes": SqueezesTooMuch,
    "outputs_are_finite": OverflowsWithLargeWeights,
    "every_precision_is_finite": OverflowsInHalfPrecision,
    "shared_state_is_left_alone": SeedsItself,
    "gradients_reach_every_parameter": Unreached,
    "batch_size_makes_no_difference": OfItsCompany,
    "train_mode_makes_no_difference": DropsOut,
    "input_and_layout": ChangesPlanes,
    "state_round_trip": LosesState,
    "seed_decides_weights": OfItsOwnSeed,
    "summary_counts_every_parameter": SharedWeights,
    "one_batch_overfits": DeafValue,
    "layout_is_true": MistakesItsLayout,
    "further_outputs_have_a_loss": LosesNothing,
    "further_loss_reaches_the_trunk": StandsAside,
    "gpu_is_not_mixed_with_cpu": AddsFromTheCpu,
}


def under_test(make: type[Good]) -> ModelUnderTest:
    return ModelUnderTest(make=make, features=feature_set("core46"))


def test_good_model_passes_every_check() -> None:
    found = run_checks(MODEL_CHECKS, under_test(Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 13 + [Outcome.NOT_ASKED] * 2 + [Outcome.PASSED]


def test_good_model_with_further_outputs_passes_every_check() -> None:
    found = run_checks(MODEL_CHECKS, under_test(TellsTheResult))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 16


def test_every_check_has_a_model_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in MODEL_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_model_breaks_just_its_check(check: str) -> None:
    assert list(failures(MODEL_CHECKS, under_test(BROKEN[check]))) == [check]


def test_layout_that_does_not_fit_the_tensors_is_found() -> None:
    class Misses(Good):
        def layout(self) -> Layout:
            return Layout(channels={}, axes={})

    assert list(failures(MODEL_CHECKS, under_test(Misses))) == ["layout_is_true"]


def test_network_that_declares_no_layout_is_not_asked() -> None:
    class Plain(nn.Module):
        def __init__(self, channels: tuple[Channel, ...]) -> None:
            super().__init__()
            self.good = Good(channels)

        def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
            return self.good(planes)

    found = run_checks(MODEL_CHECKS[-4:-3], ModelUnderTest(make=Plain, features=feature_set("core46")))

    assert [finding.reason for finding in found] == ["no layout"]


class WithoutOutput(TellsTheResult):
    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        return super().forward(planes)[:2]


class LeavesOutUnknown(TellsTheResult):
    """Where nothing is known the loss hangs on nothing, for which several processes would wait in vain."""

    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        is_known = bool(batch.result.isfinite().any())
        loss = super().auxiliary_loss(extra, batch)[0]
        return loss if is_known else torch.zeros((), requires_grad=True), {}


class MeanOfNothing(TellsTheResult):
    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        is_known = batch.result.isfinite()
        return (extra["result"] - batch.result)[is_known].square().mean(), {}


@pytest.mark.parametrize(
    ("make", "check", "told"),
    [
        (WithoutOutput, "further_outputs_have_a_loss", "forward returns no third output"),
        (LeavesOutUnknown, "further_loss_reaches_the_trunk", "in a batch without outcomes too"),
        (MeanOfNothing, "further_outputs_have_a_loss", "must be finite, also where no outcome is known, got nan"),
    ],
)
def test_further_outputs_that_fail_in_a_run_are_told_of(make: type[Good], check: str, told: str) -> None:
    assert told in str(failures(MODEL_CHECKS, under_test(make))[check])


def test_network_that_says_it_trains_otherwise_is_not_asked() -> None:
    declared = ModelUnderTest(make=DropsOut, features=feature_set("core46"), trains_as_it_acts=False)

    class Says(DropsOut):
        trains_as_it_acts = False

    assert failures(MODEL_CHECKS, declared) == {}
    assert failures(MODEL_CHECKS, under_test(Says)) == {}
