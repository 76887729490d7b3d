"""A world of real processes for the contract of distribution backends: what each process does, and what is seen of it.

Everything runs in one start of the processes, since starting them takes most of the time.
"""

import json
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

import attrs
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from keisei_core.distribution import DistributionBackend, Launcher
from keisei_core.errors import ConfigError
from keisei_core.testing.torchrun import torchrun

MakeBackend = Callable[[torch.device], DistributionBackend]
EXIT_CODE: Final = 75
"""What the work returns, so that it can be seen to come back: that of a run that was asked to stop."""
ON_PURPOSE: Final = "raised on purpose"
GRACE_S: Final = 2.0
"""How long a process that was ended may take for that."""
LATE_S: Final = 0.3
"""How much later than the others the last rank comes to the barrier."""
BATCH: Final = 12
"""Examples that all processes share; divisible by every number of processes tried."""


@attrs.frozen(kw_only=True)
class World:
    """How a number of processes is started."""

    size: int
    make: MakeBackend
    """Builds the backend in one of the processes; can be pickled where there is a launcher."""
    launch: Launcher | None
    """None where the world is this process alone, or where several are left to torchrun."""
    options: Any = None

    def run(self, work: Callable[..., int], *arguments: Any) -> int:
        """Runs work in every process and returns its exit code."""
        if self.launch is not None:
            return self.launch(work, arguments, self.options)
        return work(*arguments) if self.size == 1 else torchrun(self.size, work, arguments)


@attrs.frozen(kw_only=True)
class Seen:
    """What was seen of a world."""

    code: int | None
    """What the launcher returned; None where it raised."""
    error: Exception | None
    ranks: Sequence[dict[str, Any]]
    """What each process wrote down, by rank."""
    survivors: Sequence[int]
    """Processes that were still there after the launcher came back."""


def see(world: World, work: Callable[..., int], device: str, limit_s: float) -> Seen:
    """Runs work in a world, for a limited time, and ends what it leaves behind."""
    with tempfile.TemporaryDirectory(prefix="keisei-world-") as place:
        folder, code, error = Path(place), None, None
        try:
            with limited(limit_s):
                code = world.run(work, world.make, device, world.size, folder)
        except Exception as raised:
            error = raised
        ranks = [json.loads(path.read_text()) for path in sorted(folder.glob("rank-*.json"))]
    survivors = _survivors([rank["pid"] for rank in ranks if rank["pid"] != os.getpid()])
    for pid in survivors:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return Seen(code=code, error=error, ranks=ranks, survivors=survivors)


def _survivors(pids: Sequence[int]) -> list[int]:
    """Returns those processes that are still there after a moment of grace."""
    end = time.monotonic() + GRACE_S
    while alive := [pid for pid in pids if is_alive(pid)]:
        if time.monotonic() > end:
            break
        time.sleep(0.02)
    return alive


@contextmanager
def limited(limit_s: float) -> Iterator[None]:
    """Raises TimeoutError in the block once its time is up; only the main thread can be interrupted so."""

    def give_up(_: int, __: FrameType | None) -> NoReturn:
        raise TimeoutError(f"the processes did not end within {limit_s:g} s")

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def is_alive(pid: int) -> bool:
    """Tells whether a process runs; one that ended and was not yet asked for its exit code does not."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
    with suppress(OSError):  # where there is no /proc, the signal below tells
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return sys.platform != "linux"


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
