"""Minibatches kept on the device, sent through room that is used again or made ahead of time are the same ones."""

from collections.abc import Callable
from threading import current_thread
from typing import Any

import pytest
import torch

from keisei_core.distribution import Single
from keisei_core.learn import Batch
from keisei_core.learn.batches import ahead
from keisei_core.learn.seen import Sight
from keisei_core.observe import FeatureSet
from keisei_core.run import Training
from keisei_core.testing.small_run import PiecePlanes

ALONE = Single(torch.device("cpu"))
KEYS: dict[str, Any] = {
    "selfplay__max_plies": 12,
    "learning__minibatch": 16,
    "teaching__teachers": ["tactics"],
    "teaching__tactics__side_mates": 0.5,
    "selfplay__starts": ["3k5/3P5/2+B1R4/9/4r4/9/4p4/5p3/4K4 w GSNL2g2s 1"],
}


def kept(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sight, "has_room_for", lambda sight, num_positions: True)


def sent(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keisei_core.learn.seen.CHUNK", 5)
    training.learner.batches.sight.sends = True


def sent_and_kept(training: Training, monkeypatch: pytest.MonkeyPatch) -> None:
    sent(training, monkeypatch)
    kept(training, monkeypatch)


def equal(one: Batch, other: Batch) -> bool:
    names = ("planes", "material", "moves", "action")
    return all(torch.equal(getattr(one, name), getattr(other, name)) for name in names) and bool(
        (one.rows == other.rows).all()
    )


@pytest.mark.parametrize("way", [kept, sent, sent_and_kept])
def test_minibatches_of_every_way_are_those_made_one_by_one(
    tiny: Callable[..., Any], way: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings = [Training(tiny(**KEYS), ALONE) for _ in range(2)]
    segments = [training.source.next()[0] for training in trainings]
    plain = list(trainings[0].learner.batches.epochs(segments[0], 0.0, num_epochs=2))
    way(trainings[1], monkeypatch)
    others = list(trainings[1].learner.batches.epochs(segments[1], 0.0, num_epochs=2))

    assert len(plain) == len(others) > 4
    assert all(map(equal, plain, others))
    assert any(len(batch.planes) > batch.num_plies for batch in plain)
    states = [training.learner.batches.order.bit_generator.state for training in trainings]
    assert states[0] == states[1]


@pytest.mark.parametrize(("num_processes", "has_room"), [(1, True), (2, True), (4, False)])
def test_processes_of_a_machine_share_the_memory_that_planes_may_take(
    num_processes: int, has_room: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    features = FeatureSet([PiecePlanes()])
    sight = Sight(features, ALONE.device, num_processes)
    sight.device = torch.device("cuda")
    bytes_of_each = features.num_channels * 81 + 1_200
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda _: (400 * bytes_of_each, 0))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda _: 0)
    monkeypatch.setattr(torch.cuda, "memory_allocated", lambda _: 0)

    assert sight.has_room_for(100) is has_room


def test_minibatch_doubles_after_equal_shares_of_the_run(tiny: Callable[..., Any]) -> None:
    training = Training(tiny(learning__minibatch=8, learning__minibatch_doublings=2), ALONE)
    batches, segment = training.learner.batches, training.source.next()[0]
    stages = (0.0, 0.33, 0.34, 0.66, 0.67, 1.0)

    assert [batches.size_at(progress) for progress in stages] == [8, 8, 16, 16, 32, 32]
    for progress in stages:
        assert {batch.num_plies for batch in batches.epochs(segment, progress)} == {batches.size_at(progress)}


def test_minibatch_made_ahead_is_made_while_the_one_before_is_used_and_no_sooner() -> None:
    made: list[int] = []

    def make(plan: Any) -> Any:
        made.append(plan)
        return plan

    coming = ahead(make, range(5), ALONE.device)  # type: ignore[arg-type]
    first, num_made = next(coming), len(made)

    assert (first, list(coming)) == (0, [1, 2, 3, 4])
    assert num_made <= 2


def test_minibatches_made_ahead_are_made_on_the_processes_own_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen: list[tuple[str, torch.device]] = []
    monkeypatch.setattr(torch.cuda, "set_device", lambda device: chosen.append((current_thread().name, device)))
    own = torch.device("cuda", 1)

    assert list(ahead(lambda plan: plan, range(3), own)) == [0, 1, 2]  # type: ignore[arg-type, return-value]
    assert chosen == [("keisei-batches_0", own)]


def test_error_in_a_minibatch_made_ahead_comes_out_where_it_is_used() -> None:
    def make(plan: Any) -> Any:
        if plan == 2:
            raise ValueError("no such plies")
        return plan

    coming = ahead(make, range(5), ALONE.device)  # type: ignore[arg-type]

    assert [next(coming), next(coming)] == [0, 1]
    with pytest.raises(ValueError, match="no such plies"):
        next(coming)


def test_plans_of_an_epoch_take_from_the_stream_before_the_first_minibatch_is_made(tiny: Callable[..., Any]) -> None:
    training = Training(tiny(**KEYS), ALONE)
    segment, _ = training.source.next()
    batches = training.learner.batches
    coming = batches.epochs(segment, 0.0)
    next(coming)
    state = batches.order.bit_generator.state
    list(coming)

    assert batches.order.bit_generator.state == state
