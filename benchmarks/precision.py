"""Speed of acting and updating in each precision, side by side, for two sizes of the network.

    python benchmarks/precision.py [--json] [--rounds 15] [--threads 0] [--precisions fp32 bf16] [--compile]

All precisions take turns in one process, on the same positions: acting is a whole choice of self-play (planes, network,
masked policy, one action drawn for each game), updating a whole gradient step (planes, network, loss, backward,
clipping, Adam). Figures are medians over the rounds, ratios medians of the ratios within a round. README.md beside this
file explains the keys.
"""

import argparse
import json
import os
import platform
from collections.abc import Callable, Sequence
from statistics import median
from time import perf_counter

import numpy as np
import torch

from keisei_core.distribution import Single
from keisei_core.evaluate import sample
from keisei_core.experience import Segment
from keisei_core.plugins import read_settings
from keisei_core.run import Training
from keisei_plugins_ppo.loss import ppo_loss

SIZES = ((3, 32), (4, 64))
FEATURES = "core46+check+last2ply"
GAMES, MINIBATCH = 256, 512
REFERENCE = "fp32"
ACTS_A_TURN = 4

Calls = dict[str, Callable[[], object]]


def training(precision: str, depth: int, width: int, arguments: argparse.Namespace) -> Training:
    """Builds the parts of a run; the same seed gives every precision the same network and games."""
    keys = {
        "run.device": arguments.device,
        "run.compile": arguments.compile,
        "input.features": FEATURES,
        "model.tower_depth": depth,
        "model.tower_width": width,
        "precision.name": precision,
        "selfplay.games": GAMES,
        "selfplay.rollout_plies": 8,
        "learning.minibatch": MINIBATCH,
    }
    backend = Single(torch.device("cuda" if arguments.device == "cuda" else "cpu"))
    return Training(read_settings(None, list(keys.items())), backend)


def actor(parts: Training) -> Callable[[], object]:
    """Returns a call that chooses a move in every game."""
    games, generator = parts.source.games, torch.Generator(parts.device)

    def act() -> object:
        parts.network.eval()
        log_probs, _ = parts.evaluator.policy_and_value(games.positions, games.legal)
        return sample(log_probs, generator).cpu()

    return act


def updater(parts: Training, segment: Segment) -> Callable[[], object]:
    """Returns a call that takes one gradient step over the same plies."""
    batches, steps, rows = parts.learner.batches, parts.learner.steps, np.arange(MINIBATCH)
    options = parts.settings.algorithm.options
    advantage, target = parts.learner.algorithm.advantage_and_target(segment)

    def update() -> object:
        parts.network.train()
        batch = batches.batch(segment, rows)
        loss, _ = ppo_loss(
            steps.evaluate(batch),
            advantage=batch.of(advantage),
            target=batch.of(target),
            old_log_prob=batch.column("log_prob"),
            is_drawn=batch.column("is_drawn"),
            clip=options.clip,
            policy_coefficient=options.policy_coefficient,
            value_coefficient=options.value_coefficient,
            entropy_coefficient=options.entropy_coefficient,
        )
        return steps.precision.step(loss, steps.optimizer, steps.table.max_grad_norm)

    return update


def calls_of(depth: int, width: int, arguments: argparse.Namespace) -> tuple[Calls, Calls, dict[str, str]]:
    """Builds acting and updating in every precision; also says what compiling took, where it was asked for."""
    acting, updating, compiled = {}, {}, {}
    segment = None
    for precision in arguments.precisions:
        parts = training(precision, depth, width, arguments)
        segment = segment or parts.source.next()[0]
        acting[precision], updating[precision] = actor(parts), updater(parts, segment)
        if parts.compilation:
            compiled[precision] = str(parts.compilation)
    return acting, updating, compiled


def seconds(call: Callable[[], object], repeats: int) -> float:
    """Times a call; one more before it brings its memory near."""
    call()
    started = perf_counter()
    for _ in range(repeats):
        call()
    return (perf_counter() - started) / repeats


def figures_of(calls: Calls, num_positions: int, repeats: int, rounds: int) -> dict[str, object]:
    """Lets all calls take turns; returns positions/s of each, and how many times the reference's they are."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 1):
        for name, call in calls.items():
            took = seconds(call, repeats)
            times[name] += [took] if turn else []
    found: dict[str, object] = {"positions_per_s": {name: num_positions / median(each) for name, each in times.items()}}
    if REFERENCE in times:
        found["ratio"] = {
            name: median(one / other for one, other in zip(times[REFERENCE], each, strict=True))
            for name, each in times.items()
            if name != REFERENCE
        }
    return found


def report(arguments: argparse.Namespace) -> dict[str, object]:
    """Measures everything."""
    found: dict[str, object] = {}
    before = os.getloadavg()[0]
    torch.set_num_threads(arguments.threads or len(os.sched_getaffinity(0)))
    for depth, width in SIZES:
        acting, updating, compiled = calls_of(depth, width, arguments)
        found[f"{depth}x{width}"] = {
            "act": figures_of(acting, GAMES, ACTS_A_TURN, arguments.rounds),
            "update": figures_of(updating, MINIBATCH, 1, arguments.rounds),
            **({"compilation": compiled} if compiled else {}),
        }
    return found | {
        "rounds": arguments.rounds,
        "threads": torch.get_num_threads(),
        "load_before": before,
        "device": torch.cuda.get_device_name() if arguments.device == "cuda" else "cpu",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, torch {torch.__version__}",
    }


def print_tables(found: dict[str, object], precisions: Sequence[str]) -> None:
    """Prints a table for each size, then what was measured and where."""
    print(f"{'positions/s':16}" + "".join(f"{name:>12}" for name in precisions))
    for size in (f"{depth}x{width}" for depth, width in SIZES):
        for kind in ("act", "update"):
            figures = found[size][kind]  # type: ignore[index]
            speeds = "".join(f"{figures['positions_per_s'][name]:12,.0f}" for name in precisions)
            ratios = "".join(f"  {name} x {value:.2f}" for name, value in figures.get("ratio", {}).items())
            print(f"{size} {kind:10}{speeds}{ratios}")
        for name, text in found[size].get("compilation", {}).items():  # type: ignore[attr-defined]
            print(f"  compiling {name} {text}")
    for key in ("rounds", "threads", "load_before", "device", "machine"):
        print(f"{key:16}{found[key]}")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=15, help="rounds to take medians over (15)")
    parser.add_argument("--threads", type=int, default=0, help="CPU threads; 0 takes every core (0)")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where (cpu)")
    parser.add_argument("--compile", action="store_true", help="compile the networks, as [run] compile does")
    parser.add_argument(
        "--precisions",
        nargs="+",
        default=[REFERENCE, "bf16"],
        help="names as in [precision] (fp32 bf16); fp16 on a CPU takes minutes",
    )
    arguments = parser.parse_args()
    found = report(arguments)
    if arguments.json:
        print(json.dumps(found))
    else:
        print_tables(found, arguments.precisions)


if __name__ == "__main__":
    main()
