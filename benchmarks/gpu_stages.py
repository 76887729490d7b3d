"""What `gpu_check.py` measures: a function for each stage, which returns JSON-able data."""

import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from json import loads
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any, Final

import attrs
import torch

from keisei_core.benchmark.speed import measure_speed, spread_games
from keisei_core.benchmark.where import where
from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.cli import main
from keisei_core.distribution import DistributionBackend, Single
from keisei_core.plugins import Settings, read_settings
from keisei_core.run import Training
from keisei_core.run.device import choose_device, use_threads
from keisei_core.run.memory import keep_freed_memory
from keisei_plugins_ddp.backend import DDP
from keisei_plugins_ddp.options import DDPOptions

ROOT: Final = Path(__file__).parents[1]
RECIPE: Final = ROOT / "experiments" / "gpu" / "recipe.toml"
DEMO: Final = ROOT / "keisei.toml"
DEMO_KEYS: Final[Mapping[str, Any]] = {"run.device": "cuda", "evaluation.opponent": "alphabeta:depth=1"}
NETWORKS: Final = {"4x64": (4, 64, 32, 0.25), "10x128": (10, 128, 32, 1.0), "20x256": (20, 256, 16, 1.0)}
"""Blocks, channels, plies of a rollout (the largest has fewer, for more rounds in its time), share of plies taught."""
ROUNDS: Final = 15
"""At most; the time ends them sooner."""
LONG_ENOUGH_S: Final = 3.0
"""For the driver's figure of how busy the GPU is, which it makes every sixth of a second."""
TINY: Final[Mapping[str, Any]] = {
    "run.device": "cpu",
    "run.threads": 1,
    "precision.name": "fp32",
    "model.tower_depth": 2,
    "model.tower_width": 8,
    "selfplay.games": 8,
    "selfplay.rollout_plies": 4,
    "selfplay.max_plies": 24,
    "learning.minibatch": 16,
    "evaluation.max_plies": 24,
    "evaluation.every_updates": 0,
    "evaluation.final_games": 2,
    "evaluation.rungs": [],
}
"""Sizes at which a CPU takes seconds; what is measured then means nothing."""


def settings(is_tiny: bool, network: str = "4x64") -> Settings:
    """Reads the GPU's recipe with one of the networks, or with none of its sizes."""
    depth, width, plies, taught = NETWORKS[network]
    keys: dict[str, Any] = {
        "model.tower_depth": depth,
        "model.tower_width": width,
        "selfplay.rollout_plies": plies,
        "teaching.tactics.plies": taught,
    }
    return read_settings(RECIPE, list((keys | (TINY if is_tiny else {})).items()))


def training(of: Settings, backend: DistributionBackend | None = None) -> Training:
    """Builds a training, in a process that keeps its memory as that of a run does."""
    use_threads(of.run)
    keep_freed_memory()
    return Training(of, backend or Single(choose_device(of.run)))


def speed(network: str, limit_s: float, is_tiny: bool) -> dict[str, Any]:
    """Returns the speed of self-play and updates beside the bare network's, how busy the GPU was, memory by stage.

    Args:
        network: of `NETWORKS`.
        limit_s: seconds after which no further round begins.
        is_tiny: whether all is tiny and on the CPU.
    """
    parts = training(settings(is_tiny, network))
    measured = measure_speed(parts, num_rounds=2 if is_tiny else ROUNDS, limit_s=limit_s)
    return {
        "parameters": sum(parameter.numel() for parameter in parts.network.network.parameters()),
        "speed": attrs.asdict(measured),
        **on_the_gpu(parts),
        **where(parts.settings, parts.device),
    }


@contextmanager
def busy_shares(device: torch.device) -> Iterator[list[float]]:
    """Samples, in the block, the share of the time in which the GPU computed; nothing is sampled without its driver.

    The driver's own figure, which costs the GPU nothing: a profiler would slow down what it looks at. It is asked by
    UUID: torch numbers the GPUs that it may use, the driver those that there are.
    """
    found: list[float] = []
    gpu = f"--id=GPU-{torch.cuda.get_device_properties(device).uuid}"
    command = ["nvidia-smi", "--query-gpu=utilization.gpu", "--format=csv,noheader,nounits", "--loop-ms=100", gpu]
    try:
        sampler = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    except OSError:
        yield found
        return
    with sampler:
        assert sampler.stdout is not None
        lines = sampler.stdout
        reader = Thread(target=lambda: found.extend(float(line) / 100 for line in lines if line.strip().isdecimal()))
        reader.start()
        try:
            yield found
        finally:
            sampler.terminate()
            reader.join()


def mean(shares: list[float]) -> float | None:
    """Returns the mean, None of nothing."""
    return sum(shares) / len(shares) if shares else None


def on_the_gpu(parts: Training) -> dict[str, Any]:
    """Returns how busy the GPU is while the run plays and learns, and the most bytes of it that each stage held.

    None of both on a CPU.
    """
    if parts.device.type != "cuda":
        return {"busy": None, "memory": None}
    memory: dict[str, int] = {}
    started = perf_counter()
    with busy_shares(parts.device) as busy:
        while not memory or perf_counter() - started < LONG_ENOUGH_S:
            torch.cuda.reset_peak_memory_stats(parts.device)
            segment, _ = parts.source.next(0)
            memory["selfplay"] = torch.cuda.max_memory_allocated(parts.device)
            torch.cuda.reset_peak_memory_stats(parts.device)
            parts.learner.update(segment, 0.0)
            memory["update"] = torch.cuda.max_memory_allocated(parts.device)
    return {"busy": mean(busy), "memory": memory}


def ddp(is_tiny: bool) -> dict[str, Any]:
    """Makes two updates as the only process of a group, through nccl on a GPU, and plays a match."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    os.environ |= {"RANK": "0", "WORLD_SIZE": "1", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    of = settings(is_tiny)
    device = choose_device(of.run)
    backend = DDP(device, DDPOptions(backend="nccl" if device.type == "cuda" else "gloo"))
    parts = training(of, backend)
    figures = [parts.update()[0] for _ in range(2)]
    score = parts.matches.play(2)
    backend.close()
    return {"carrier": backend.carrier, "loss": [one["policy_loss"] for one in figures], "games": score.games}


def resume(is_tiny: bool) -> dict[str, Any]:
    """Compares the weights after three updates with those of a training that was stored after the first.

    Where they differ, again with torch's deterministic kernels: if that mends it, state is not what was lost.
    """
    equal = resumes_equal(is_tiny)
    found: dict[str, Any] = {"is_equal": equal, "is_equal_with_deterministic_kernels": equal}
    if not equal:
        os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
        torch.use_deterministic_algorithms(True, warn_only=True)
        found["is_equal_with_deterministic_kernels"] = resumes_equal(is_tiny)
    return found


def resumes_equal(is_tiny: bool) -> bool:
    """Tells whether a training that was written to disk and read goes on bit for bit."""
    of = settings(is_tiny)
    whole = training(of)
    spread_games(whole)
    whole.update()
    with tempfile.TemporaryDirectory(prefix="keisei-gpu-") as place:
        checkpoint = whole.checkpoint()
        assert checkpoint is not None
        write_checkpoint(Path(place) / "stored", checkpoint)
        again = training(of)
        again.restore(read_checkpoint(Path(place) / "stored"))
    for one in (whole, again):
        for _ in range(2):
            one.update()
    states = zip(whole.network.state_dict().values(), again.network.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in states)


def demo(is_tiny: bool, minutes: float) -> dict[str, Any]:
    """Makes the demo run, its last match against alphabeta of depth 1; returns its result: that match and the rungs."""
    keys = {**TINY, "run.plies": 64, "evaluation.rungs": ["random"]} if is_tiny else DEMO_KEYS
    keys = {**keys, "evaluation.optional_rungs": []}
    sets = [part for key, value in keys.items() for part in ("--set", f"{key}={toml(value)}")]
    with tempfile.TemporaryDirectory(prefix="keisei-gpu-") as place, redirect_stdout(StringIO()):
        folder = Path(place) / "run"
        words = ["run", str(DEMO), "--run-dir", str(folder), "--set", f"run.minutes={minutes}", *sets]
        code = main(words)
        if code:
            raise SystemExit(code)
        result: dict[str, Any] = loads((folder / "result.json").read_text(encoding="utf-8"))
        lines = (folder / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    return {"result": result, "plies": loads(lines[-1])["plies"], "elapsed_s": loads(lines[-1])["elapsed_s"]}


def toml(value: object) -> str:
    """Writes a value as the command line takes it."""
    return str(value).lower() if isinstance(value, bool) else repr(value).replace("'", '"')
