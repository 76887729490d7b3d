"""Measures what scale_formula.py predicts from, in one process, and compares its predictions with real runs.

A process is measured with the share of games and minibatch that it has in a run of N processes: smaller batches cost
more a ply. Exchanges are measured between two threads, over the interface that processes of one machine use.
"""

import os
import platform
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from math import log
from pathlib import Path
from time import perf_counter
from typing import Any, Final

import attrs
import torch
import torch.distributed as dist
from distribution import QUIET, plies_per_s
from scale_formula import Link, Stages, Work, predict

from keisei_core.checkpoint import write_checkpoint
from keisei_core.config.document import parse_assignment
from keisei_core.distribution import Single, share_of_each
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training

WARM: Final = 2
"""Updates at the beginning that don't count."""
TALKS: Final = ("any", "sum", "gather", "broadcast", "barrier")
"""Questions that processes answer together, but for gradients."""
EXCHANGES: Final = 30
GOAL: Final = 0.1
"""How far a prediction may be off."""


class Counting(Single):
    """A process alone that has the share of one of several, and counts what it would say to the others."""

    def __init__(self) -> None:
        super().__init__(torch.device("cpu"))
        self.talks = 0

    def __getattribute__(self, name: str) -> Any:
        if name in TALKS:
            self.talks += 1
        return super().__getattribute__(name)


@attrs.frozen(kw_only=True)
class Measured:
    """What one process has of an update."""

    stages: Stages
    plies: int
    """Its own."""
    steps: int


@contextmanager
def one_thread() -> Iterator[None]:
    """While it is entered, torch computes with one thread."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@one_thread()
def measured(settings: Settings, world_size: int, updates: int) -> Measured:
    """Makes some updates in this process, as one of several would, and a checkpoint and a match."""
    settings = shared(settings, world_size)
    backend = Counting()
    training = Training(settings, backend)
    for _ in range(WARM):
        training.update()
    backend.talks = 0
    lines = [training.update()[0] for _ in range(updates)]
    talks = backend.talks // updates
    plies = training.plies_per_update
    act_s = [line["act_s"] + line["environment_s"] for line in lines]
    learn_s = [line["learn_s"] for line in lines]
    games = settings.evaluation.games
    stages = Stages(
        act_s=statistics.median(act_s) / plies,
        learn_s=statistics.median(learn_s) / plies,
        gradient_bytes=sum(4 * one.numel() for one in training.network.parameters() if one.requires_grad),
        talks=talks,
        checkpoint_s=seconds(lambda: saved(training)),
        game_s=seconds(lambda: training.matches.play(games)) / games,
        act_jitter=jitter_of(act_s),
        learn_jitter=jitter_of(learn_s),
    )
    return Measured(
        stages=stages, plies=plies, steps=round(statistics.median(line["gradient_steps"] for line in lines))
    )


def settings_of(config: Path, assignments: Sequence[str]) -> Settings:
    """Reads a config for one thread of one process."""
    alone = {"run.device": "cpu", "run.threads": 1, "distribution.name": "single"}
    return read_settings(config, [*map(parse_assignment, assignments), *alone.items()])


def shared(settings: Settings, world_size: int) -> Settings:
    """Returns the settings of a run that is one process's share of a larger one."""

    class World(Single):
        pass

    world = World(torch.device("cpu"))
    world.world_size = world_size  # type: ignore[misc]
    games = share_of_each(settings.selfplay.games, world, "[selfplay] games")
    minibatch = share_of_each(settings.learning.minibatch, world, "[learning] minibatch")
    return attrs.evolve(
        settings,
        selfplay=attrs.evolve(settings.selfplay, games=games),
        learning=attrs.evolve(settings.learning, minibatch=minibatch),
    )


def jitter_of(times: Sequence[float]) -> float:
    """Returns the standard deviation of the logarithms."""
    return statistics.stdev(map(log, times)) if len(times) > 1 else 0.0


def seconds(work: Callable[[], object]) -> float:
    """Returns how long something takes."""
    started = perf_counter()
    work()
    return perf_counter() - started


def saved(training: Training) -> None:
    """Writes a checkpoint somewhere."""
    with tempfile.TemporaryDirectory() as folder:
        write_checkpoint(Path(folder) / "update", training.snapshot())


def link_between_threads(num_bytes: int) -> Link:
    """Measures sums over two members of gloo, of a few bytes and of a gradient."""
    small_s, large_s = exchange_s(1), exchange_s(num_bytes // 4)
    return Link(bytes_per_s=num_bytes / max(large_s - small_s, 1e-9), hop_s=small_s / 2)


def exchange_s(num_floats: int) -> float:
    """Returns the median seconds of a sum of float32 over two threads, at 127.0.0.1."""
    store, times = dist.HashStore(), []

    def take_part(rank: int) -> None:
        group = dist.ProcessGroupGloo(store, rank, 2, at_loopback())
        tensor = torch.zeros(num_floats)
        for _ in range(EXCHANGES):
            took_s = seconds(lambda: group.allreduce([tensor]).wait())
            if rank == 0:
                times.append(took_s)

    threads = [threading.Thread(target=take_part, args=(rank,)) for rank in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statistics.median(times)


def at_loopback() -> Any:
    """Returns options of gloo; by default it looks for the interface that the host's name has, which may have none."""
    options = dist.ProcessGroupGloo._Options()
    options._devices = [dist.ProcessGroupGloo.create_device(hostname="127.0.0.1")]
    options._timeout = timedelta(seconds=60)
    return options


def compared(config: Path, assignments: list[str], rounds: int, updates: int) -> dict[str, Any]:
    """Measures stages and makes runs of one and of two processes, in turn; each process on a core of its own.

    Returns:
        By number of processes `predicted` and `measured` plies a second, medians over the rounds, and `error`, their
        ratio less 1; and what it was predicted from.
    """
    cores = sorted(os.sched_getaffinity(0))[:2]
    if len(cores) < 2:
        raise SystemExit("expected two cores that this process may use, got one; two processes would share it")
    found: dict[int, dict[str, list[float]]] = {num: {"predicted": [], "measured": []} for num in (1, 2)}
    settings, load, last = settings_of(config, assignments), os.getloadavg()[0], {}
    for _ in range(rounds):
        for num, speeds in found.items():
            os.sched_setaffinity(0, cores[:1])
            last[num] = measured(settings, num, updates)
            os.sched_setaffinity(0, cores)
            link = link_between_threads(last[num].stages.gradient_bytes)
            work = Work(processes=num, plies=num * last[num].plies, steps=last[num].steps)
            speeds["predicted"].append(predict(last[num].stages, link, work).plies_per_s)
            own = {"run.plies": (WARM + updates) * num * last[num].plies, **distribution_of(num)}
            speeds["measured"].append(plies_per_s(config, assignments, {**QUIET, **own}, cores[:num]))
    result: dict[str, Any] = {
        str(num): {name: statistics.median(values) for name, values in speeds.items()} for num, speeds in found.items()
    }
    for speeds in result.values():
        speeds["error"] = speeds["predicted"] / speeds["measured"] - 1
    return result | {
        "stages": {num: attrs.asdict(one.stages) for num, one in last.items()},
        "link": attrs.asdict(link),
        "is_met": all(abs(result[str(num)]["error"]) <= GOAL for num in found),
        "rounds": rounds,
        "load_before": load,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def distribution_of(num: int) -> dict[str, object]:
    """Returns how processes of a run come together."""
    return {"distribution.name": "ddp", "distribution.processes": num} if num > 1 else {"distribution.name": "single"}


def text_of(found: Mapping[str, Any]) -> str:
    """Writes a comparison for people."""
    lines = ["processes  predicted  measured   off"]
    for num in ("1", "2"):
        one = found[num]
        lines.append(f"{num:>9}  {one['predicted']:>9,.0f}  {one['measured']:>8,.0f}  {one['error']:>+4.0%}")
    goal = f"goal: {GOAL:.0%} at most; {'met' if found['is_met'] else 'MISSED'}"
    return "\n".join(
        [*lines, goal, f"{found['machine']}, load before {found['load_before']:.2f}, {found['rounds']} rounds"]
    )


def as_toml(one: Measured) -> str:
    """Writes stages as scale_model.toml has them."""
    stages = attrs.asdict(one.stages)
    speeds = {"act_per_s": 1 / stages.pop("act_s"), "learn_per_s": 1 / stages.pop("learn_s")}
    figures = {**speeds, **stages}.items()
    lines = [f"{name} = {value if isinstance(value, int) else format(value, '.4g')}" for name, value in figures]
    return "\n".join([f'[stages."{platform.machine()}, one thread"]', *lines])
