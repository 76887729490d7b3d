"""The distribution backend: one process's part in a group that trains one network."""

import sys
import warnings
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from time import sleep
from typing import Any, Final

import attrs
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed import PrefixStore  # type: ignore[attr-defined]
from torch.nn.parallel import DistributedDataParallel

from keisei_core.errors import ConfigError, DistributionError
from keisei_core.launching.outcome import end_now
from keisei_core.launching.part import is_lost_connection
from keisei_core.launching.place import Place
from keisei_plugins_ddp.arrivals import arrive
from keisei_plugins_ddp.interface import use_interface_towards
from keisei_plugins_ddp.joining import (
    BEYOND_S,
    Member,
    ended_after,
    gather_members,
    nobody_answers,
    open_store,
    share_gpus,
)
from keisei_plugins_ddp.launching import launch
from keisei_plugins_ddp.options import DDPOptions
from keisei_plugins_ddp.pulse import Pulse

PATIENCE: Final = timedelta(days=365)
"""How long processes may wait for one that works alone, such as rank 0 in a match: for as long as it takes."""
LOOK_S: Final = 0.01
LAST_WORDS_S: Final = 1.0
"""How long to wait, after a connection was lost, for what the other may still have said about its end."""


class DDP:
    """Gradients as means over all processes; what decides whether to go on, as one answer for all."""

    launch = staticmethod(launch)

    def __init__(self, device: torch.device, options: DDPOptions) -> None:
        """Joins the group that the launcher's environment variables describe.

        Raises:
            ConfigError: the device is not there, or not for this backend.
            DistributionError: the processes do not come together; names address and port.
        """
        place = Place.from_environment()
        if place is None:
            raise DistributionError("this process belongs to no group: RANK is not set; start it by keisei or torchrun")
        self.place = place
        self.rank, self.world_size, self.attempt = place.rank, place.world_size, place.attempt
        self.local_world_size = place.local_world_size
        self.device = own_device(device, place)
        self.options = options
        own = Member.here(use_interface_towards(place.address), name_of_gpu(self.device))
        self._store = open_store(place, options.join_timeout_s)
        self.members = gather_members(self._store, place, own, options.join_timeout_s)
        self.carrier = group_backend(options.backend, self.device, share_gpus(self.members))
        """Torch's name of what carries tensors."""
        self._join_group()
        # A connection of its own: who waits in a store keeps every other caller of it waiting.
        self.pulse = Pulse(
            open_store(attrs.evolve(place, has_store=True), options.join_timeout_s),
            self.rank,
            self.world_size,
            options.timeout_s,
            self._end,
        )

    def _join_group(self) -> None:
        """Connects to every other process."""
        timeout_s = self.options.join_timeout_s
        with ended_after(timeout_s + BEYOND_S, nobody_answers(self.place, timeout_s)):
            dist.init_process_group(
                self.carrier,
                store=PrefixStore("group", self._store),
                rank=self.rank,
                world_size=self.world_size,
                # The pulse ends a silent group sooner; this is for a process that lives and never comes.
                timeout=timedelta(seconds=max(self.options.timeout_s * 1.25, timeout_s)),
            )
            # Of connections of its own, since how long to wait is told once for all that goes over some.
            self._patient = dist.new_group(backend="gloo", timeout=PATIENCE)
            self.any(False)

    def wrap(self, network: nn.Module) -> nn.Module:
        """Returns the network to learn through, whose backward pass leaves the processes' mean gradient."""
        devices = [self.device] if self.device.type == "cuda" else None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # the argument's next name is not known to older torch
            # Buffers are made equal once an update, by `settle`, not at every minibatch. What gets no gradient in some
            # minibatch, or in none, or on this process alone, is no fault: it learns as it would in one process. That
            # rules out `static_graph`. Gradients lie where they are exchanged, so none is copied there and back.
            return DistributedDataParallel(
                WithSpare(network),
                device_ids=devices,
                broadcast_buffers=False,
                find_unused_parameters=True,
                gradient_as_bucket_view=True,
            )

    def sum(self, values: Tensor) -> Tensor:
        """Adds up a tensor over all processes; every process gets the result."""
        total = values.clone()
        dist.all_reduce(total)
        return total

    def any(self, flag: bool) -> bool:
        """Tells whether any process says yes; every process gets the same answer."""
        asked = torch.tensor([int(flag)])
        dist.all_reduce(asked, op=dist.ReduceOp.MAX)
        return bool(asked)

    def gather(self, data: bytes) -> list[bytes]:
        """Returns every process's data by rank on rank 0, an empty list on the others."""
        self.barrier()
        sizes = [torch.zeros(1, dtype=torch.int64) for _ in range(self.world_size)]
        dist.all_gather(sizes, torch.tensor([len(data)]))
        longest = max(int(size) for size in sizes)
        own = torch.zeros(longest, dtype=torch.uint8)
        own[: len(data)] = _as_tensor(data)
        parts = [torch.empty_like(own) for _ in sizes] if self.rank == 0 else None
        dist.gather(own, parts)
        return [_as_bytes(part[: int(size)]) for part, size in zip(parts or (), sizes, strict=False)]

    def broadcast(self, data: bytes) -> bytes:
        """Returns rank 0's data on every process."""
        self.barrier()
        size = torch.tensor([len(data)])
        dist.broadcast(size, 0)
        content = _as_tensor(data) if self.rank == 0 else torch.empty(int(size), dtype=torch.uint8)
        dist.broadcast(content, 0)
        return _as_bytes(content)

    def barrier(self) -> None:
        """Waits until every process is here, however long one of them works alone.

        A process that was killed closes its connections, which ends the others here; the pulse tells of a silent one.
        It sleeps instead of waiting in torch, from where no signal could call it back.

        Raises:
            RuntimeError: the connection to another process is lost.
        """
        work = dist.all_reduce(torch.zeros(1), group=self._patient, async_op=True)
        while not work.is_completed():
            sleep(LOOK_S)
        work.wait()

    def settle(self, network: nn.Module) -> None:
        """Gives every process rank 0's buffers: running statistics come from each one's own minibatches."""
        for buffer in network.buffers():
            content = buffer.detach().contiguous().clone()
            dist.broadcast(content, 0)
            buffer.copy_(content)

    def close(self) -> None:
        """Leaves the group: together with the others, or at once where an error is under way."""
        error = sys.exc_info()[1]
        try:
            if error is None:
                self.barrier()
                self._leave()
            else:
                self._tell_who(error)
        except Exception:
            self._end_pulse(failed=True)
            raise
        self._end_pulse(failed=error is not None)
        if error is None:
            with suppress(RuntimeError):
                dist.destroy_process_group()

    def _end_pulse(self, *, failed: bool) -> None:
        self.pulse.stop(failed=failed)
        self.pulse.join()

    def _leave(self) -> None:
        """Lets rank 0, which may keep the store, go last: the others would miss it in their last barrier."""
        if self.rank == 0:
            arrive(self._store, "left", self.world_size)
        else:
            self._store.add("left", 1)

    def _tell_who(self, error: BaseException) -> None:
        """Adds to a lost connection whose it was, as far as it can be known here."""
        if isinstance(error, RuntimeError) and is_lost_connection(error):
            sleep(min(2 * self.pulse.interval_s, LAST_WORDS_S))
            others = [rank for rank in range(self.world_size) if rank != self.rank]
            near = [rank for rank in others if f"[{self.members[rank].address}]" in str(error)]
            lost = self.pulse.gone() or near or others
            error.add_note(" or ".join(f"rank {rank} ({self.members[rank]})" for rank in lost))

    def _end(self, ranks: Sequence[int], what: str) -> None:
        """Ends this process because of others, from the pulse's thread: the main thread may wait for them in vain."""
        who = " and ".join(f"rank {rank} ({self.members[rank]})" for rank in ranks)
        end_now(
            f"{who} {what}, so rank {self.rank} of {self.world_size} at {self.place.endpoint} ends; "
            "look at that machine and its messages, then resume from the last checkpoint"
        )


class WithSpare(nn.Module):
    """A network beside a parameter that nothing uses.

    Torch looks for parameters without gradients, and complains on stderr of every run in which it finds none.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network
        self.spare = nn.Parameter(next(network.parameters()).detach().new_zeros(1))

    def forward(self, *inputs: Any) -> Any:
        """Returns what the network does."""
        return self.network(*inputs)


def own_device(device: torch.device, place: Place) -> torch.device:
    """Returns this process's share of the configured device: a GPU each, or one that it shares with the next but N.

    N is the number of GPUs that it sees: 1 where a cluster shows each process only its own.

    Raises:
        ConfigError: there is no GPU.
    """
    if device.type != "cuda":
        return device
    num_gpus = torch.cuda.device_count()
    if not num_gpus:
        raise ConfigError(["[run] device: cuda was asked for, but torch sees no GPU here; write cpu or auto"])
    own = torch.device("cuda", place.local_rank % num_gpus)
    torch.cuda.set_device(own)
    return own


def name_of_gpu(device: torch.device) -> str:
    """Returns what a GPU is called by every process, whichever it sees; empty for the CPU."""
    return str(torch.cuda.get_device_properties(device).uuid) if device.type == "cuda" else ""


def group_backend(wanted: str, device: torch.device, shares_gpu: bool = False) -> str:
    """Returns torch's name of what carries tensors; those on the CPU always go by gloo.

    Args:
        wanted: `auto`, `gloo` or `nccl`.
        device: where this process computes.
        shares_gpu: whether any two processes share one, between which nccl carries nothing.

    Raises:
        ConfigError: nccl was asked for where the run is on the CPU, where torch was built without it, or where
            processes share a GPU.
    """
    if wanted == "nccl" and device.type != "cuda":
        raise ConfigError(
            ["[distribution] backend: nccl carries tensors between GPUs, but the run is on the CPU; write gloo or auto"]
        )
    if wanted == "nccl" and not dist.is_nccl_available():
        raise ConfigError(["[distribution] backend: this torch was built without nccl; write gloo or auto"])
    if wanted == "nccl" and shares_gpu:
        raise ConfigError(
            [
                "[distribution] backend: nccl needs a GPU for each process, and some processes share one; write gloo "
                "or auto, or start fewer"
            ]
        )
    use_nccl = device.type == "cuda" and wanted != "gloo" and not shares_gpu and dist.is_nccl_available()
    return "cpu:gloo,cuda:nccl" if use_nccl else "gloo"


def _as_tensor(data: bytes) -> Tensor:
    return torch.frombuffer(bytearray(data), dtype=torch.uint8) if data else torch.empty(0, dtype=torch.uint8)


def _as_bytes(tensor: Tensor) -> bytes:
    return tensor.numpy().tobytes()
