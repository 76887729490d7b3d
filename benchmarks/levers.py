"""What torch's own levers are worth on this machine, for the network of a config: acting and gradient steps.

    python benchmarks/levers.py [CONFIG ...] [--json] [--rounds 9] [--compile]

Every lever is pulled alone, on a copy of the same network over the same positions, and let go again. All take turns in
one process; a figure is the median over the rounds of how many times as fast as the plain network it is in that round.
README.md beside this file explains the keys.
"""

import argparse
import ctypes
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from statistics import median
from time import perf_counter

import attrs
import torch
from torch import Tensor, nn

from keisei_core.benchmark.subject import Subject
from keisei_core.evaluate import ActorCritic
from keisei_core.plugins import load_registry
from keisei_core.run import Training
from keisei_core.run.machine import processor
from keisei_core.run.memory import MMAP_THRESHOLD, TRIM_THRESHOLD, keep_freed_memory

CONFIGS = ("keisei.toml", "experiments/long_run/recipe.toml")
LEARNED_BESIDE = 1.25
"""Positions of a minibatch over its plies, where mates beside the games are taught."""
BATCHES = (16, 64, 128, 256, 640)
OLD_THRESHOLD = 128 << 10
"""Bytes from which glibc gives an array pages of its own, until told otherwise."""

LIMIT_S = 20.0
"""A lever that has taken so long in all is left out of further rounds: without oneDNN a step takes ten seconds."""

Inputs = tuple[Tensor, Tensor]
Setting = Callable[[], AbstractContextManager[object]]


@attrs.frozen(eq=False)
class Lever:
    """One thing that may be changed."""

    name: str
    change: Callable[[nn.Module], nn.Module] = lambda network: network
    """What is done to a copy of the network once."""
    setting: Setting = nullcontext
    """In force while it is measured."""
    acts_only: bool = False


@contextmanager
def attribute(owner: object, name: str, value: object) -> Iterator[None]:
    """Gives something a value for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def freed_memory_given_back() -> Iterator[None]:
    """Lets malloc give memory back to the system, as it does of itself."""
    mallopt = ctypes.CDLL(None).mallopt
    mallopt(MMAP_THRESHOLD, OLD_THRESHOLD), mallopt(TRIM_THRESHOLD, OLD_THRESHOLD)
    try:
        yield
    finally:
        keep_freed_memory()


@contextmanager
def no_denormals() -> Iterator[None]:
    """Takes the smallest numbers for 0."""
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Lets torch use so many threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def frozen(network: nn.Module) -> nn.Module:
    """Compiles for acting alone: weights become constants, in the layout that oneDNN wants."""
    return torch.compile(network, options={"freezing": True})  # type: ignore[return-value]


def levers(does_compile: bool) -> list[Lever]:
    """Returns all that is tried; the first is the network as a run has it."""
    found = [
        Lever("as it is"),
        Lever("contiguous, not channels_last", lambda one: one.to(memory_format=torch.contiguous_format)),
        Lever("without oneDNN", setting=lambda: attribute(torch.backends.mkldnn, "enabled", False)),
        Lever("bfloat16", setting=lambda: torch.autocast("cpu", dtype=torch.bfloat16)),
        Lever("float32", setting=lambda: torch.autocast("cpu", enabled=False)),
        Lever(
            "float32, convolutions in bfloat16",
            setting=lambda: attribute(torch.backends.mkldnn.conv, "fp32_precision", "bf16"),
        ),
        Lever("freed memory given back", setting=freed_memory_given_back),
        Lever("no denormals", setting=no_denormals),
    ]
    if does_compile:
        found += [
            Lever("torch.compile, any size", lambda one: torch.compile(one, dynamic=True)),  # type: ignore[arg-type, return-value]
            Lever("torch.compile, one size", lambda one: torch.compile(one, dynamic=False)),  # type: ignore[arg-type, return-value]
            Lever("torch.compile, weights packed", frozen, acts_only=True),
        ]
    return found


def act(network: nn.Module, inputs: Inputs) -> None:
    """Evaluates positions without learning from them."""
    with torch.inference_mode():
        network(*inputs)


def learn(network: nn.Module, inputs: Inputs) -> None:
    """Makes a forward and a backward pass."""
    logits, value, _ = network(*inputs)
    (logits.square().mean() + value.square().mean()).backward()
    network.zero_grad(set_to_none=True)


def fresh(parts: Training) -> ActorCritic:
    """Returns a copy of the network as a run has it."""
    return deepcopy(parts.network).to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def calls_of(lever: Lever, parts: Training, sizes: tuple[int, int]) -> dict[str, Callable[[], None]]:
    """Returns acting and learning with a lever pulled."""
    found: dict[str, Callable[[], None]] = {}
    for name, work, size in (("act", act, sizes[0]), ("learn", learn, sizes[1])):
        if name == "learn" and lever.acts_only:
            continue
        network = lever.change(fresh(parts).train(name == "learn"))
        with torch.inference_mode(name == "act"):
            planes = torch.randint(0, 2, (size, parts.features.num_channels, 9, 9), dtype=torch.uint8)
            inputs = planes, torch.zeros(size)

        def call(
            work: Callable[[nn.Module, Inputs], None] = work, network: nn.Module = network, given: Inputs = inputs
        ) -> None:
            with parts.precision.autocast(), lever.setting():
                work(network, given)

        found[name] = call
    return found


def seconds(call: Callable[[], object]) -> float:
    """Times a call; one before it brings its memory near and lets compilers compile."""
    call()
    started = perf_counter()
    call()
    return perf_counter() - started


def ratios(calls: dict[str, Callable[[], None]], rounds: int) -> dict[str, float]:
    """Lets all take turns; returns how many times as fast as the first each is, and the first's seconds.

    One that is slow takes part in fewer rounds, see `LIMIT_S`; compiling, which is its first call, does not count.
    """
    for name, call in calls.items():
        started = perf_counter()
        call()
        print(f"  {name}: first call {perf_counter() - started:.1f} s", file=sys.stderr, flush=True)
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            if sum(times[name]) < LIMIT_S / 2:  # each is called twice
                times[name].append(seconds(call))
    first = next(iter(times.values()))
    found = {name: median(one / other for one, other in zip(first, each, strict=False)) for name, each in times.items()}
    return {"seconds": median(first), **found}


def by_threads(parts: Training, rounds: int) -> dict[str, dict[str, float]]:
    """Returns by size of the batch how many times as fast as one thread each number of threads acts."""
    found = {}
    most = torch.get_num_threads()
    for size in BATCHES:
        plain = calls_of(Lever("as it is"), parts, (size, size))["act"]

        def with_threads(number: int, call: Callable[[], None] = plain) -> Callable[[], None]:
            def run() -> None:
                with threads(number):
                    call()

            return run

        numbers = sorted({1, 2, most // 2 or 1, most})
        found[str(size)] = ratios({str(number): with_threads(number) for number in numbers}, rounds)
    return found


def by_optimizer(parts: Training, rounds: int) -> dict[str, float]:
    """Returns how many times as fast as Adam's fused step the others are."""
    calls: dict[str, Callable[[], None]] = {}
    for name, keys in {
        "fused": {"fused": True},
        "foreach": {"foreach": True},
        "one by one": {"foreach": False},
    }.items():
        parameters = list(fresh(parts).parameters())
        for parameter in parameters:
            parameter.grad = torch.randn_like(parameter)
        calls[name] = torch.optim.Adam(parameters, **keys).step  # type: ignore[assignment, arg-type]
    return ratios(calls, 20 * rounds)


def measured(config: str, arguments: argparse.Namespace) -> dict[str, object]:
    """Measures everything for one config."""
    subject = Subject.find(config, [], load_registry())
    run = attrs.evolve(subject.settings.run, device="cpu", threads=arguments.threads, compile=False)
    parts = attrs.evolve(subject, settings=attrs.evolve(subject.settings, run=run)).training()
    sizes = parts.settings.selfplay.games, round(parts.settings.learning.minibatch * LEARNED_BESIDE)
    found: dict[str, dict[str, Callable[[], None]]] = {"act": {}, "learn": {}}
    for lever in levers(arguments.compile):
        for kind, call in calls_of(lever, parts, sizes).items():
            found[kind][lever.name] = call
    return {
        **{kind: ratios(calls, arguments.rounds) for kind, calls in found.items()},
        "optimizer": by_optimizer(parts, arguments.rounds),
        "threads": by_threads(parts, arguments.rounds),
    }


def print_tables(configs: Sequence[str], found: dict[str, dict[str, dict[str, float]]]) -> None:
    """Prints a table for each config."""
    for config in configs:
        for kind in ("act", "learn", "optimizer"):
            figures = found[config][kind]
            print(f"{config}, {kind}: {1000 * figures['seconds']:.2f} ms")
            for name, ratio in figures.items():
                if name != "seconds":
                    print(f"  {name:36}{ratio:6.2f}")
        for size, each in found[config]["threads"].items():
            row = "  ".join(f"{name}: {ratio:.2f}" for name, ratio in each.items() if name != "seconds")  # type: ignore[attr-defined]
            print(f"  acting on {size:>4} positions by threads  {row}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("configs", nargs="*", default=CONFIGS, help="config files (the demo's and the longer run's)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=9, help="rounds to take medians over (9)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes every core (0)")
    parser.add_argument("--compile", action="store_true", help="compile too, which takes some minutes")
    arguments = parser.parse_args()
    before = os.getloadavg()[0]
    found = {config: measured(config, arguments) for config in arguments.configs}
    if arguments.json:
        machine = f"{processor()}, {os.cpu_count()} cores, torch {torch.__version__}"
        print(json.dumps({**found, "rounds": arguments.rounds, "load_before": before, "machine": machine}))
    else:
        print_tables(arguments.configs, found)  # type: ignore[arg-type]
        print(f"{processor()}, {torch.get_num_threads()} threads, torch {torch.__version__}, load before {before:.1f}")


if __name__ == "__main__":
    main()
