"""How long a GPU would wait in self-play: all games together, and in halves, on a simulated device.

    python benchmarks/halves.py [--json] [--games 4096] [--plies 16] [--cores 16] [--features ...]

Games, planes, masks and all that Python does are real and measured in this thread's own time; what kernels take is
divided by what the cores of another machine would make of it. The network is a stand-in, its time is set. README.md
beside this file explains the keys.
"""

import argparse
import json
import os
from collections.abc import Callable
from typing import Any

import torch
from simulated_device import Clock, Device, SimulatedQueue
from torch import Tensor

from keisei_core.config.tables import ValueTable
from keisei_core.decide import PolicyDecider
from keisei_core.evaluate import ActorCritic, Evaluator, inputs
from keisei_core.evaluate.legal_bits import pack_legal
from keisei_core.experience import Lockstep
from keisei_core.observe import PlaneContext
from keisei_core.observe.chosen import chosen_features
from keisei_core.plugins import read_settings
from keisei_core.precision import Fp32
from keisei_core.run.machine import commit, processor
from keisei_core.shogi import NUM_ACTIONS, Games, use_crew

CPU = torch.device("cpu")
POSITIONS_PER_S = {"4x64": 1_000_000, "10x128": 300_000, "20x256": 90_000}
"""One H100 in bf16, on paper: the smallest bound by memory, the largest at 35 % of its peak, the other between."""
BYTES_PER_S = 25e9
"""From pinned memory, PCIe of the fourth generation."""
LAUNCH_S = 1e-4
"""Copies and one CUDA graph."""
SHARE_OF_CORES = 0.75
"""What many cores make of a kernel beside one: 12 times on 16."""
MAX_PLIES = 320
SPREAD_PLIES = 40


class StandIn(ActorCritic):
    """Likes every move as much as the others, and every position."""

    def forward(self, planes: Tensor, material: Tensor) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
        return torch.zeros(1, NUM_ACTIONS).expand(len(planes), -1), torch.zeros(len(planes)), {}


def shared(kernel: Callable[..., Any], clock: Clock, cores: int) -> Callable[..., Any]:
    """Returns a kernel that counts as long as it would take where so many cores share its rows."""

    def run(*arguments: Any) -> Any:
        with clock.at(1 / max(1.0, SHARE_OF_CORES * cores)):
            return kernel(*arguments)

    return run


def measure(network: str, in_halves: bool, arguments: argparse.Namespace) -> dict[str, float]:
    """Plays two rollouts, of which the second counts."""
    clock = Clock()
    settings = read_settings(None, [("input.features", arguments.features)])
    features = chosen_features(settings.features, PlaneContext(max_plies=MAX_PLIES))
    copied_per_s = BYTES_PER_S / (features.num_channels * 81 + NUM_ACTIONS // 8 + 5)
    device = Device(positions_per_s=POSITIONS_PER_S[network], copied_per_s=copied_per_s, launch_s=LAUNCH_S)
    queue = SimulatedQueue(device, clock)
    acting = StandIn(torch.nn.Identity(), features.channels, ValueTable())
    evaluator = Evaluator(acting, features, Fp32(CPU), CPU, queue)
    games = Games(arguments.games, max_plies=MAX_PLIES, seed=1, history=features.needs.history)
    for _ in range(SPREAD_PLIES):
        games.step(games.sample())
    decider = PolicyDecider(None)
    source = Lockstep(
        games,
        decider,
        evaluator,
        torch.Generator().manual_seed(1),
        num_plies=arguments.plies,
        columns=decider.columns,
        in_halves=in_halves,
    )
    inputs.pack_legal = pack_legal
    for holder, name in ((games, "step"), (features, "encode_over"), (inputs, "pack_legal")):
        setattr(holder, name, shared(getattr(holder, name), clock, arguments.cores))
    source.next()
    before, busy, waited = clock.now(), queue.busy_s, clock.waited_s
    source.next()
    took, busy, waited = clock.now() - before, queue.busy_s - busy, clock.waited_s - waited
    return {
        "plies_per_s": arguments.games * arguments.plies / took,
        "device_ms": 1e3 * busy / arguments.plies,
        "host_ms": 1e3 * (took - waited) / arguments.plies,
        "idle": 1 - busy / took,
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--games", type=int, default=4_096)
    parser.add_argument("--plies", type=int, default=16, help="of a rollout")
    parser.add_argument("--cores", type=int, default=16, help="that share the rows of a kernel")
    parser.add_argument("--features", default="core46+check+last2ply+attacks")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    use_crew(1)
    rows = {
        network: {way: measure(network, way == "halves", arguments) for way in ("together", "halves")}
        for network in POSITIONS_PER_S
    }
    figures = {
        "figures": rows,
        "games": arguments.games,
        "cores": arguments.cores,
        "load": os.getloadavg()[0],
        "machine": f"{processor()}, commit {commit()}",
    }
    if arguments.json:
        print(json.dumps(figures))
        return
    print(
        "| network | games | plies/s | device ms a ply | host ms a ply | device idle |\n|---|---|---:|---:|---:|---:|"
    )
    for network, ways in rows.items():
        for way, row in ways.items():
            numbers = f"{row['plies_per_s']:,.0f} | {row['device_ms']:.2f} | {row['host_ms']:.2f} | {row['idle']:.1%}"
            print(f"| {network} | {way} | {numbers} |")
    print("\n" + "\n".join(f"{key}: {value}" for key, value in figures.items() if key != "figures"))


if __name__ == "__main__":
    main()
