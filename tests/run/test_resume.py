"""A resumed run is the run: every state that a checkpoint holds goes on, bit for bit, and each one is needed."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import attrs
import pytest
import torch
import torch.nn.functional as F

from keisei_core.checkpoint import Checkpoint, RankState, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.errors import DivergedError
from keisei_core.run import Training
from keisei_core.run.best import Best

ALONE = Single(torch.device("cpu"))
BEFORE, AFTER = 3, 1
"""Updates before and after the checkpoint: by the end some of its games have ended, and some have not."""


def sha(blob: bytes) -> str:
    return hashlib.sha256(blob).hexdigest()


def hashes(checkpoint: Checkpoint) -> dict[str, str]:
    """SHA-256 of each part of a checkpoint but the clock."""
    parts = {
        f"{file}/{name}": sha(tensor.contiguous().numpy().tobytes())
        for file in ("weights", "average", "optimizer", "pool")
        for name, tensor in getattr(checkpoint, file).items()
    }
    parts |= {f"arrays/{name}": sha(array.tobytes()) for name, array in checkpoint.ranks[0].arrays.items()}
    counters = checkpoint.state["counters"] | {"elapsed_s": 0}
    state = checkpoint.ranks[0].state | checkpoint.state | {"counters": counters}
    return parts | {f"state/{name}": sha(json.dumps(value, sort_keys=True).encode()) for name, value in state.items()}


def build(tiny) -> Training:
    """A training that uses all there is: loss scaling, a pool of opponents, a network that draws, recorded games,
    an average of the weights.
    """
    training = Training(
        tiny(
            precision__name="fp16", selfplay__pool_share=0.5, selfplay__pool_every_updates=1, selfplay__pool_size=2,
            selfplay__max_plies=36, tracking__sample_games=3, learning__averaging=0.9,
        ),
        ALONE,
    )  # fmt: skip
    training.network.network.register_forward_hook(drop_out)
    return training


def drop_out(network: torch.nn.Module, planes: Any, outputs: tuple[torch.Tensor, torch.Tensor]) -> Any:
    return F.dropout(outputs[0], 0.1, training=torch.is_grad_enabled()), outputs[1]


@pytest.fixture(scope="module")
def stopped(tiny, tmp_path_factory) -> tuple[Checkpoint, dict[str, str]]:
    """The checkpoint of a run as it was read back, and the hashes of the run that went on."""
    whole = build(tiny)
    for _ in range(BEFORE):
        whole.update()
    whole.best = Best(update=2, score=0.5, opponent="random")
    folder = tmp_path_factory.mktemp("run") / "update-000003"
    write_checkpoint(folder, whole.checkpoint())
    for _ in range(AFTER):
        whole.update()
    return read_checkpoint(folder), hashes(whole.checkpoint())


def go_on(tiny, checkpoint: Checkpoint) -> dict[str, str]:
    resumed = build(tiny)
    resumed.restore(checkpoint)
    for _ in range(AFTER):
        resumed.update()
    return hashes(resumed.checkpoint())


def test_resume_equals_no_interruption_bit_for_bit(tiny, stopped):
    checkpoint, expected = stopped

    assert go_on(tiny, checkpoint) == expected


def test_snapshot_is_left_alone_by_what_is_done_after_it(tiny):
    training = build(tiny)
    training.update()
    before = training.snapshot()
    hashed = hashes(before)
    for _ in range(AFTER):
        training.update()

    assert hashes(before) == hashed
    assert go_on(tiny, before) == hashes(training.checkpoint())


def of_rank(checkpoint: Checkpoint, **changes: Any) -> Checkpoint:
    return attrs.evolve(checkpoint, ranks=(attrs.evolve(checkpoint.ranks[0], **changes),))


def without_array(*names: str) -> Callable[[Checkpoint, Checkpoint], Checkpoint]:
    def drop(saved: Checkpoint, fresh: Checkpoint) -> Checkpoint:
        own, other = saved.ranks[0].arrays, fresh.ranks[0].arrays
        changed = {name: other[name] for name in [f"source.{array}" for array in names] or own}
        return of_rank(saved, arrays=own | changed)

    return drop


def without_stream(name: str) -> Callable[[Checkpoint, Checkpoint], Checkpoint]:
    def drop(saved: Checkpoint, fresh: Checkpoint) -> Checkpoint:
        own, other = saved.ranks[0].state, fresh.ranks[0].state
        return of_rank(saved, state=own | {"random": own["random"] | {name: other["random"][name]}})

    return drop


def without_of_source(name: str) -> Callable[[Checkpoint, Checkpoint], Checkpoint]:
    def drop(saved: Checkpoint, fresh: Checkpoint) -> Checkpoint:
        own, other = saved.ranks[0].state, fresh.ranks[0].state
        return of_rank(saved, state=own | {"source": own["source"] | {name: other["source"][name]}})

    return drop


def without_shared(name: str) -> Callable[[Checkpoint, Checkpoint], Checkpoint]:
    return lambda saved, fresh: attrs.evolve(saved, state=saved.state | {name: fresh.state[name]})


DROPS: Mapping[str, Callable[[Checkpoint, Checkpoint], Checkpoint]] = {
    "weights": lambda saved, fresh: attrs.evolve(saved, weights=fresh.weights),
    "average": lambda saved, fresh: attrs.evolve(saved, average=fresh.average),
    "optimizer": lambda saved, fresh: attrs.evolve(saved, optimizer={}),
    "step counts": lambda saved, fresh: attrs.evolve(
        saved,
        optimizer={name: t * 0 if name.endswith(":step") else t for name, t in saved.optimizer.items()},
    ),
    "pool": lambda saved, fresh: attrs.evolve(saved, pool={name: t * 0 for name, t in saved.pool.items()}),
    "games": without_array(),
    "histories": without_array("history", "keys"),
    "random streams of games": without_array("streams"),
    "acting's random stream": without_of_source("stream"),
    "order of minibatches": without_stream("order"),
    "network's random stream": without_stream("torch"),
    "starts' random stream": lambda saved, fresh: of_rank(
        saved, state=saved.ranks[0].state | {"starts": fresh.ranks[0].state["starts"]}
    ),
    "recorded games": without_of_source("records"),
    "opponents of games": without_of_source("pool"),
    "counters": without_shared("counters"),
    "loss scale": without_shared("precision"),
    "best": without_shared("best"),
}


@pytest.mark.parametrize("dropped", DROPS)
def test_resume_without_one_part_of_the_state_differs(tiny, stopped, dropped):
    checkpoint, expected = stopped
    incomplete = DROPS[dropped](checkpoint, build(tiny).checkpoint())

    assert go_on(tiny, incomplete) != expected


def test_every_part_of_the_state_is_dropped_once(stopped):
    checkpoint, _ = stopped
    own: RankState = checkpoint.ranks[0]

    assert set(own.state) == {"random", "source", "algorithm", "starts"}
    assert set(own.state["random"]) == {"order", "torch", "cuda"}
    not_given_up = {"resignations"}  # nobody gives up here; tests/experience/test_resignations.py
    assert set(own.state["source"]) == {"records", "stream", "pool"} | not_given_up
    assert own.state["algorithm"] == {}  # PPO keeps nothing
    assert all(name.startswith("source.") for name in own.arrays)
    told_only = {"channels", "config", "not_finite", "plugins", "versions"}
    apart = {"pool_updates", "skipped_in_a_row"}  # the order in which slots are used again; the test below
    assert set(checkpoint.state) == told_only | apart | {"counters", "precision", "best"}


@pytest.mark.parametrize("kept", [True, False])
def test_skipped_steps_in_a_row_are_counted_across_a_resume(tiny, kept):
    settings = tiny(learning__max_skipped_steps=6)
    first = Training(settings, ALONE)
    first.learner.steps.skipped_in_a_row = 4
    checkpoint = first.checkpoint()
    if not kept:
        checkpoint.state["skipped_in_a_row"] = 0
    resumed = Training(settings, ALONE)
    resumed.restore(checkpoint)
    resumed.network.register_forward_hook(
        lambda network, given, outputs: (outputs[0] * float("nan"), *outputs[1:]) if torch.is_grad_enabled() else None
    )

    if kept:
        with pytest.raises(DivergedError, match="6 steps in a row"):
            resumed.update()
    else:
        resumed.update()
