"""What each process of a world does: it calls everything that a backend offers, and writes down what came of it.

Everything runs in one start of the processes, since starting them takes most of the time.
"""

import json
import math
import os
import signal
import time
from collections.abc import Callable, Collection
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from keisei_core.distribution import DistributionBackend
from keisei_core.errors import ConfigError

MakeBackend = Callable[[torch.device], DistributionBackend]
EXIT_CODE: Final = 75
"""What the work returns, so that it can be seen to come back: that of a run that was asked to stop."""
ON_PURPOSE: Final = "raised on purpose"
LATE_S: Final = 0.3
"""How much later than the others the last rank comes to the barrier."""
LEFT: Final = "left-by-"
"""How the files begin that the ranks leave in the world's folder for the next start."""
READY: Final = "ready-"
"""Of those by which they say that they wait for signals."""
SENT: Final = "sent-"
"""Of those by which they are told that a signal is on its way."""
REACHES_S: Final = 5.0
"""Within which a signal to the launcher has to come to every process."""
BATCH: Final = 12
"""Examples that all processes share; divisible by every number of processes tried."""


def do_everything(make: MakeBackend, device: str, size: int, folder: Path) -> int:
    """Calls everything that a backend offers, in one process of the world, and writes down what came of it."""
    with closing(make(torch.device(device))) as backend:
        rank, seen = backend.rank, _introduced(backend)
        numbers = torch.tensor([rank + 1.0, 0.25], dtype=torch.float64, device=device)
        seen["sum"] = backend.sum(numbers).tolist()
        seen["summand"] = numbers.tolist()
        seen["any"] = [backend.any(flag) for flag in (False, rank == size - 1, rank == 0, True)]
        seen["gathered"] = [data.hex() for data in backend.gather(bytes([rank]) * (rank + 1))]
        seen["broadcast"] = backend.broadcast(b"from 0" if rank == 0 else b"from another").decode()
        seen["met"] = _meet(backend, size, folder)
        seen["gradient"] = _gradient(backend, device, size)
        seen["settled"] = _settled(backend, device)
        _write(folder, rank, seen)
    return EXIT_CODE


def fail(make: MakeBackend, device: str, size: int, folder: Path) -> int:
    """Raises in the last rank, while the others wait for it."""
    return _end_badly(make, device, size, folder, _raise)


def die(make: MakeBackend, device: str, size: int, folder: Path) -> int:
    """Kills the last rank, while the others wait for it."""
    return _end_badly(make, device, size, folder, lambda: os.kill(os.getpid(), signal.SIGKILL))


def be_steered(make: MakeBackend, device: str, size: int, folder: Path, dies: bool) -> int:
    """Waits for SIGUSR1, then for SIGTERM, and writes down whether they came.

    Args:
        make: builds the backend.
        device: where.
        size: of the world.
        folder: of the world; what an earlier start left there is written down too.
        dies: whether the last rank is killed at the first start, while the others wait for it.
    """
    came: set[int] = set()
    for number in (signal.SIGUSR1, signal.SIGTERM):
        signal.signal(number, lambda caught, _: came.add(caught))
    with closing(make(torch.device(device))) as backend:
        rank, died = backend.rank, folder / "died"
        if dies and not died.exists():
            _die_once(backend, size, folder, died)
        seen = _introduced(backend) | {"left": sorted(path.name for path in folder.glob(f"{LEFT}*"))}
        (folder / f"{READY}{rank}").touch()
        for number in (signal.SIGUSR1, signal.SIGTERM):
            seen[number.name] = _wait_for(number, came, folder)
            (folder / f"{number.name}-{rank}").touch()
        backend.barrier()
        _write(folder, rank, seen)
    return EXIT_CODE


def _die_once(backend: DistributionBackend, size: int, folder: Path, died: Path) -> None:
    (folder / f"{LEFT}{backend.rank}").touch()
    backend.barrier()
    if backend.rank == size - 1:
        died.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    backend.any(False)
    backend.barrier()


def _wait_for(number: signal.Signals, came: Collection[int], folder: Path) -> bool:
    """Waits until a signal came, but not long after it was sent."""
    sent, deadline = folder / f"{SENT}{number.name}", math.inf
    while number not in came and time.monotonic() < deadline:
        if deadline == math.inf and sent.exists():
            deadline = time.monotonic() + REACHES_S
        time.sleep(0.01)
    return number in came


def expected_gradient(device: str) -> list[float]:
    """Returns the gradient of all examples in one process, flat."""
    network, (inputs, targets) = _network(device), _examples(device)
    return _gradient_of(network, network, inputs, targets)


def _end_badly(make: MakeBackend, device: str, size: int, folder: Path, end: Callable[[], None]) -> int:
    with closing(make(torch.device(device))) as backend:
        _write(folder, backend.rank, _introduced(backend))
        backend.barrier()
        if backend.rank == size - 1:
            end()
        backend.any(False)
        backend.barrier()
    return EXIT_CODE


def _raise() -> None:
    raise ConfigError([ON_PURPOSE])


def _introduced(backend: DistributionBackend) -> dict[str, Any]:
    return {
        "rank": backend.rank,
        "world_size": backend.world_size,
        "local_world_size": backend.local_world_size,
        "attempt": backend.attempt,
        "device": str(backend.device),
        "pid": os.getpid(),
    }


def _write(folder: Path, rank: int, seen: dict[str, Any]) -> None:
    beside = folder / f"rank-{rank}-{os.getpid()}.tmp"
    beside.write_text(json.dumps(seen))
    beside.rename(beside.with_suffix(".json"))


def _meet(backend: DistributionBackend, size: int, folder: Path) -> bool:
    """Tells whether the last rank, which comes late, was there when the barrier let go."""
    mark = folder / "last rank was here"
    if backend.rank == size - 1:
        time.sleep(LATE_S)
        mark.touch()
    backend.barrier()
    return mark.exists()


def _gradient(backend: DistributionBackend, device: str, size: int) -> list[float]:
    """Returns the gradient that a backward pass over this rank's examples leaves in the network's own parameters."""
    network, (inputs, targets) = _network(device), _examples(device)
    own = slice(backend.rank * BATCH // size, (backend.rank + 1) * BATCH // size)
    return _gradient_of(network, backend.wrap(network), inputs[own], targets[own])


def _gradient_of(network: nn.Module, wrapped: nn.Module, inputs: Tensor, targets: Tensor) -> list[float]:
    F.mse_loss(wrapped(inputs), targets).backward()  # type: ignore[no-untyped-call]
    gradients = [parameter.grad for parameter in network.parameters()]
    return [number for gradient in gradients if gradient is not None for number in gradient.reshape(-1).tolist()]


def _settled(backend: DistributionBackend, device: str) -> list[float]:
    """Returns running statistics that differed from rank to rank."""
    network = nn.BatchNorm1d(2).to(device)
    assert network.running_mean is not None
    network.running_mean += backend.rank + 1
    backend.settle(network)
    statistics: list[float] = network.running_mean.tolist()
    return statistics


def _network(device: str) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).to(device)


def _examples(device: str) -> tuple[Tensor, Tensor]:
    stream = torch.Generator().manual_seed(1)
    inputs = torch.randn(BATCH, 3, generator=stream)
    return inputs.to(device), inputs.sum(dim=1, keepdim=True).to(device)
