"""A distribution backend of real processes that talk through files, and the ways in which it can be wrong.

It lives in a module of its own, where the processes can import it.
"""

import multiprocessing
import os
import pickle
import signal
import tempfile
import time
from functools import partial
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from keisei_core.errors import DistributionError, KeiseiError
from keisei_core.launching import FOLDER, Job, Outcome, Place, Restarts, Worker, forwarding, write_job

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["keisei_core.testing"])  # so that a process starts in milliseconds


class Again(int):
    """So many processes, which are started again once."""


class Good:
    """Every process writes what it has to say into a file of a common folder and reads those of the others."""

    def __init__(self, device: torch.device, options: int) -> None:
        self.device = device
        self.attempt = int(os.environ.get("TOY_ATTEMPT", "0"))
        self.folder = Path(os.environ.get("TOY_FOLDER", ""))
        self.rank = int(os.environ.get("TOY_RANK", "0"))
        self.world_size = self.local_world_size = self.size = options
        self.step = 0

    @classmethod
    def launch(cls, job: Job) -> int:
        most = int(isinstance(job.options, Again))
        restarts, processes = Restarts(job.options, most, lambda rank, attempt: None), list[Any]()
        with forwarding(restarts, partial(cls.tell, processes), lambda number: None):
            while True:
                try:
                    return cls.once(job, restarts.attempt, processes)
                except DistributionError:
                    if restarts.attempt == most:
                        raise
                    restarts.attempt += 1

    @classmethod
    def once(cls, job: Job, attempt: int, processes: list[Any]) -> int:
        with tempfile.TemporaryDirectory() as folder:
            places = [(rank, attempt, Path(folder), job) for rank in range(job.options)]
            processes[:] = [CONTEXT.Process(target=take_part, args=place, daemon=True) for place in places]
            for process in processes:
                process.start()
            try:
                return cls.wait(processes, Path(folder))
            finally:
                cls.end(processes)

    @classmethod
    def tell(cls, processes: list[Any], number: signal.Signals) -> None:
        for process in processes:
            os.kill(process.pid, number)

    @classmethod
    def wait(cls, processes: list[Any], folder: Path) -> int:
        running = list(processes)
        while running:
            wait([process.sentinel for process in running])
            ended = [process for process in running if process.exitcode is not None]
            for process in ended:
                running.remove(process)
                if process.exitcode != 0:
                    raise cls.error(folder, processes.index(process))
        return cls.code(folder)

    @classmethod
    def end(cls, processes: list[Any]) -> None:
        for process in processes:
            process.kill()
            process.join()

    @classmethod
    def code(cls, folder: Path) -> int:
        return int((folder / "code-0").read_text())

    @classmethod
    def error(cls, folder: Path, rank: int) -> Exception:
        path = folder / f"error-{rank}"
        if not path.exists():
            return DistributionError(f"rank {rank} was killed")
        error = KeiseiError(path.read_text())
        error.exit_code = 2
        return error

    def exchange(self, data: bytes) -> list[bytes]:
        """Returns every process's data by rank."""
        if self.size == 1:
            return [data]
        self.step += 1
        path = self.folder / f"{self.step}-{self.rank}"
        path.with_suffix(".tmp").write_bytes(data)
        path.with_suffix(".tmp").rename(path)
        paths = [self.folder / f"{self.step}-{rank}" for rank in range(self.size)]
        while not all(path.exists() for path in paths):
            time.sleep(0.001)
        return [path.read_bytes() for path in paths]

    def total(self, values: Tensor) -> Tensor:
        return torch.stack([pickle.loads(data) for data in self.exchange(pickle.dumps(values))]).sum(dim=0)

    def wrap(self, network: nn.Module) -> nn.Module:
        for parameter in network.parameters():
            parameter.register_hook(lambda gradient: self.total(gradient) / self.size)
        return network

    def settle(self, network: nn.Module) -> None:
        for buffer in network.buffers():
            buffer.copy_(pickle.loads(self.exchange(pickle.dumps(buffer))[0]))

    def sum(self, values: Tensor) -> Tensor:
        return self.total(values)

    def any(self, flag: bool) -> bool:
        return b"yes" in self.exchange(b"yes" if flag else b"no")

    def gather(self, data: bytes) -> list[bytes]:
        parts = self.exchange(data)
        return parts if self.rank == 0 else []

    def broadcast(self, data: bytes) -> bytes:
        return self.exchange(data)[0]

    def barrier(self) -> None:
        self.exchange(b"")

    def close(self) -> None:
        pass


def take_part(rank: int, attempt: int, folder: Path, job: Job) -> None:
    """Does one process's part."""
    os.environ |= {"TOY_FOLDER": str(folder), "TOY_RANK": str(rank), "TOY_ATTEMPT": str(attempt)}
    try:
        (folder / f"code-{rank}").write_text(str(job.work(*job.arguments)))
    except Exception as error:
        (folder / f"error-{rank}").write_text(str(error))
        os._exit(1)


class StartedByTorchrun(Good):
    """Takes its place from torchrun, and a folder of this start of it."""

    def __init__(self, device: torch.device, options: int) -> None:
        super().__init__(device, options)
        self.rank = int(os.environ["RANK"])
        self.folder /= os.environ["TORCHELASTIC_RUN_ID"] + os.environ["MASTER_PORT"]
        self.folder.mkdir(exist_ok=True)


class ThinksItIsAlone(Good):
    def __init__(self, device: torch.device, options: int) -> None:
        super().__init__(device, options)
        self.world_size = 1


class SomewhereElse(Good):
    def __init__(self, device: torch.device, options: int) -> None:
        super().__init__(torch.device("meta"), options)


class SumsForRank0(Good):
    def sum(self, values: Tensor) -> Tensor:
        total = super().sum(values)
        return total if self.rank == 0 else values


class SumsInPlace(Good):
    def sum(self, values: Tensor) -> Tensor:
        return values.copy_(super().sum(values))


class AsksItself(Good):
    def any(self, flag: bool) -> bool:
        super().any(flag)
        return flag


class GathersBackwards(Good):
    def gather(self, data: bytes) -> list[bytes]:
        return super().gather(data)[::-1]


class BroadcastsNothing(Good):
    def broadcast(self, data: bytes) -> bytes:
        super().broadcast(data)
        return data


class WaitsForNobody(Good):
    def barrier(self) -> None:
        pass


class SumsGradients(Good):
    def wrap(self, network: nn.Module) -> nn.Module:
        for parameter in network.parameters():
            parameter.register_hook(self.total)
        return network


class SettlesNothing(Good):
    def settle(self, network: nn.Module) -> None:
        pass


class AlwaysEndsWell(Good):
    @classmethod
    def launch(cls, job: Job) -> int:
        code = super().launch(job)
        return code if isinstance(job.options, Again) else 0


class HidesErrors(Good):
    @classmethod
    def error(cls, folder: Path, rank: int) -> Exception:
        return DistributionError(f"rank {rank} failed")


class LeavesOthersWhereOneRaised(Good):
    @classmethod
    def end(cls, processes: list[Any]) -> None:
        if any(process.exitcode != 1 for process in processes):
            alive = [process for process in processes if process.exitcode is None]
            if any(process.exitcode == 1 for process in processes) and alive:
                return
        super().end(processes)


class SeesNoKilledProcess(Good):
    @classmethod
    def once(cls, job: Job, attempt: int, processes: list[Any]) -> int:
        good = isinstance(job.options, Again)
        return Good.once(job, attempt, processes) if good else super().once(job, attempt, processes)

    @classmethod
    def wait(cls, processes: list[Any], folder: Path) -> int:
        while len(list(folder.glob("code-*"))) < len(processes):
            for path in folder.glob("error-*"):
                raise cls.error(folder, int(path.name.removeprefix("error-")))
            time.sleep(0.01)
        for process in processes:
            process.join()
        return cls.code(folder)


class ForgetsItsAttempt(Good):
    def __init__(self, device: torch.device, options: int) -> None:
        super().__init__(device, options)
        self.attempt = 0


class KeepsSignals(Good):
    @classmethod
    def tell(cls, processes: list[Any], number: signal.Signals) -> None:
        if number == signal.SIGUSR1:
            super().tell(processes, number)


class Relaunched(Good):
    """Started by what every launcher finds in `keisei_core.launching`, and by nothing else."""

    def __init__(self, device: torch.device, options: int) -> None:
        super().__init__(device, options)
        place = Place.from_environment()
        assert place is not None
        self.rank, self.attempt = place.rank, place.attempt
        self.folder = Path(os.environ[FOLDER]) / f"start-{place.attempt}"
        self.folder.mkdir(exist_ok=True)

    @classmethod
    def launch(cls, job: Job) -> int:
        with tempfile.TemporaryDirectory() as place:
            folder, workers = Path(place), list[Worker]()
            write_job(folder, job.pickled())
            restarts = Restarts(job.options, int(isinstance(job.options, Again)), partial(Outcome.read, folder))
            with forwarding(restarts, partial(cls.tell, workers), lambda number: cls.end(workers)):
                while True:
                    restarts.begin()
                    workers[:] = [Worker(folder, where(rank, restarts)) for rank in range(restarts.num_workers)]
                    cls.watch(workers, restarts)
                    cls.end(workers)
                    if not restarts.ends or not restarts.left:
                        return restarts.exit_code()
                    restarts.again()

    @classmethod
    def watch(cls, workers: list[Worker], restarts: Restarts) -> None:
        """Waits until all have ended, or one has failed whose end is the cause."""
        while any(worker.code is None for worker in workers):
            for worker in workers:
                restarts.note(worker.place.rank, worker.code or 0)
            if restarts.ends and not restarts.is_waiting_for_cause:
                return
            time.sleep(0.02)

    @classmethod
    def tell(cls, processes: list[Any], number: signal.Signals) -> None:
        for worker in processes:
            worker.tell(number)

    @classmethod
    def end(cls, processes: list[Any]) -> None:
        for worker in processes:
            worker.end()


def where(rank: int, restarts: Restarts) -> Place:
    """The place of one of several workers of this machine, which need no address."""
    size = restarts.num_workers
    return Place(
        rank=rank,
        world_size=size,
        local_rank=rank,
        local_world_size=size,
        address="127.0.0.1",
        port=0,
        attempt=restarts.attempt,
        has_store=False,
    )
