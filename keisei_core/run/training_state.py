"""The state of a training between two updates, as checkpoints hold it: taken, and put back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.checkpoint import NOT_FINITE, Checkpoint, RankState
from keisei_core.distribution import DistributionBackend
from keisei_core.evaluate import ActorCritic
from keisei_core.experience import Lockstep, Source
from keisei_core.experience.dealing import deal
from keisei_core.learn import Algorithm, Learner, load_optimizer_tensors, optimizer_tensors
from keisei_core.observe import FeatureSet
from keisei_core.plugins import Settings
from keisei_core.precision import PrecisionPolicy
from keisei_core.run.average import AverageNetwork
from keisei_core.run.best import Best
from keisei_core.run.environment import plugin_table, stored_reference, versions
from keisei_core.run.metrics import Counters
from keisei_core.run.played_ahead import PlayedAhead
from keisei_core.shogi import StartPool

AHEAD: Final = "ahead"
"""What a process holds of segments that were played ahead, among the states of a checkpoint."""


class Parts(Protocol):
    """What of a training goes into a checkpoint, and who of the processes it is."""

    settings: Settings
    backend: DistributionBackend
    network: ActorCritic
    average: AverageNetwork | None
    features: FeatureSet
    precision: PrecisionPolicy
    learner: Learner
    source: Lockstep
    ahead: PlayedAhead | None
    starts: StartPool
    counters: Counters
    best: Best | None
    not_finite: dict[str, list[int]]

    def begin_streams(self) -> dict[str, int]:
        """Lets the random streams of this process begin anew; returns the seeds."""
        ...


def state_of(training: Parts) -> Checkpoint:
    """Copies what all processes share and the state of this one; see `Training.snapshot`."""
    network, pool, steps = training.network.network, training.source.pool, training.learner.steps
    return Checkpoint(
        weights=_copied(network.state_dict()),
        average=_copied(training.average.weights()) if training.average else {},
        optimizer=_copied(optimizer_tensors(network, steps.optimizer)),
        pool=pool.weights() if pool else {},
        ranks=(_own_state(training),) if training.settings.checkpoint.games else (),
        state={
            "best": attrs.asdict(training.best) if training.best else None,
            "counters": attrs.asdict(training.counters),
            "channels": [attrs.asdict(channel) for channel in training.features.channels],
            "config": training.settings.to_document(),
            "plugins": plugin_table(training.settings),
            NOT_FINITE: training.not_finite,
            "pool_updates": pool.updates[:] if pool else [],
            "precision": training.precision.state_dict(),
            "skipped_in_a_row": steps.skipped_in_a_row,
            "versions": versions(),
        },
    )


def put_back(training: Parts, checkpoint: Checkpoint) -> None:
    """Takes back what a checkpoint holds; see `Training.restore`.

    Raises:
        ValueError: it was made with another optimiser or algorithm.
    """
    state, network, steps = checkpoint.state, training.network.network, training.learner.steps
    _require_own_parts(training.settings, state)
    network.load_state_dict(checkpoint.weights)
    if training.average is not None:
        training.average.load(checkpoint.played)
    load_optimizer_tensors(network, steps.optimizer, checkpoint.optimizer)
    training.best = Best(**state["best"]) if state["best"] else None
    training.counters = Counters(**state["counters"])
    training.precision.load_state_dict(state["precision"])
    steps.skipped_in_a_row = state["skipped_in_a_row"]
    if pool := training.source.pool:
        pool.load(state["pool_updates"], checkpoint.pool)
    if training.ahead is not None:
        training.ahead.drop()
    if len(checkpoint.ranks) == training.backend.world_size:
        _put_own_back(training, checkpoint.ranks[training.backend.rank])
    elif checkpoint.ranks:
        _deal(training, checkpoint.ranks)
    else:
        seeds = training.begin_streams()
        training.source.begin_anew(training.starts.draw(), seeds)


def within(arrays: Mapping[str, NDArray[np.generic]], part: str) -> dict[str, NDArray[np.generic]]:
    """Returns the arrays that a checkpoint keeps of one part of a process, under the part's own names."""
    prefix = f"{part}."
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}


def _require_own_parts(settings: Settings, state: Mapping[str, Any]) -> None:
    """Refuses the state of another optimiser or algorithm, whose entries mean something else.

    Raises:
        ValueError: it is another one's.
    """
    for choice in (settings.optimizer, settings.algorithm):
        made_by, own = stored_reference(state, choice.kind), choice.reference
        if made_by != own:
            raise ValueError(f"made with the {choice.kind} {made_by!r}, the config has {own!r}")


def _stateful(training: Parts) -> Iterator[tuple[str, Source | Algorithm | StartPool | PlayedAhead]]:
    """Yields the parts that keep a state of their own in each process, by the names of checkpoints."""
    yield from (("source", training.source), ("algorithm", training.learner.algorithm), ("starts", training.starts))
    if training.ahead is not None:
        yield AHEAD, training.ahead


def _own_state(training: Parts) -> RankState:
    """Returns what this process has for itself: arrays named `<part>.<array>`, and plain data by part."""
    arrays: dict[str, NDArray[np.generic]] = {}
    data: dict[str, Any] = {"random": _random_state(training.learner.batches.order)}
    for name, part in _stateful(training):
        own, data[name] = part.state()
        arrays |= {f"{name}.{key}": array for key, array in own.items()}
    return RankState(arrays=arrays, state=data)


def _put_own_back(training: Parts, own: RankState) -> None:
    for name, part in _stateful(training):
        if name in ("algorithm", AHEAD) and name not in own.state:
            continue  # not there in the run that this one came from, or another one was
        part.load_state(within(own.arrays, name), own.state[name])
    _load_random_state(training.learner.batches.order, own.state["random"])


def _deal(training: Parts, ranks: Sequence[RankState]) -> None:
    """Takes this process's share of the games of another number of processes.

    A game carries its own random stream. The streams of the processes begin anew, and so does what an algorithm keeps
    in each: it alone knows how to share that.
    """
    seeds, backend = training.begin_streams(), training.backend
    states = [(within(own.arrays, "source"), own.state["source"]) for own in ranks]
    hand = deal(states, backend.rank, backend.world_size)
    training.source.load_dealt(hand, seed=seeds["act"], pool_seed=seeds["pool"])


def _random_state(order: np.random.Generator) -> dict[str, Any]:
    """Returns the states of the random streams as JSON; the source carries its own."""
    return {
        "order": order.bit_generator.state,
        "torch": torch.get_rng_state().numpy().tobytes().hex(),
        "cuda": [state.numpy().tobytes().hex() for state in torch.cuda.get_rng_state_all()],
    }


def _load_random_state(order: np.random.Generator, state: dict[str, Any]) -> None:
    order.bit_generator.state = state["order"]
    torch.set_rng_state(_bytes_tensor(state["torch"]))
    if len(state["cuda"]) == torch.cuda.device_count():
        torch.cuda.set_rng_state_all([_bytes_tensor(device) for device in state["cuda"]])


def _copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in tensors.items()}


def _bytes_tensor(text: str) -> Tensor:
    return torch.from_numpy(np.frombuffer(bytes.fromhex(text), np.uint8).copy())
