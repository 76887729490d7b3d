"""Processes that torchrun started train one network together: torchrun --nproc-per-node 2 -m keisei_core run.

Without torchrun there is one process, and nothing to wait for.
"""

import os
import sys
from datetime import timedelta

import torch
from keisei_core.distribution import Single
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from keisei_plugins_myname.options import MynameOptions


class MynameBackend(Single):
    """One process's view of the group; what `Single` does is right where it is alone."""

    def __init__(self, device: torch.device, options: MynameOptions) -> None:
        self.rank = int(os.environ.get("RANK", "0"))
        self.world_size = int(os.environ.get("WORLD_SIZE", "1"))
        self.local_world_size = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
        self.attempt = int(os.environ.get("TORCHELASTIC_RESTART_COUNT", "0"))
        if device.type == "cuda":
            device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0")))
            torch.cuda.set_device(device)
        super().__init__(device)
        if self.world_size > 1:
            fitting = "nccl" if device.type == "cuda" else "gloo"
            transport = fitting if options.transport == "auto" else options.transport
            distributed.init_process_group(transport, timeout=timedelta(seconds=options.timeout_s))

    def wrap(self, network: nn.Module) -> nn.Module:
        """Returns the network to learn through, whose backward pass leaves the processes' mean gradient."""
        return network if self.world_size == 1 else DistributedDataParallel(network)

    def settle(self, network: nn.Module) -> None:
        """Makes equal on all processes what gradients do not: buffers, which become those of rank 0."""
        if self.world_size > 1:
            for buffer in network.buffers():
                distributed.broadcast(buffer, src=0)

    def sum(self, values: Tensor) -> Tensor:
        """Adds up a tensor over all processes; every process gets the result, and keeps its own tensor."""
        total = values.clone()
        if self.world_size > 1:
            distributed.all_reduce(total)
        return total

    def any(self, flag: bool) -> bool:
        """Tells whether any process says yes; every process gets the same answer."""
        return bool(self.sum(torch.tensor([float(flag)], device=self.device)) > 0)

    def gather(self, data: bytes) -> list[bytes]:
        """Returns every process's data by rank on rank 0, an empty list elsewhere."""
        if self.world_size == 1:
            return [data]
        found: list[bytes] = [b""] * self.world_size
        distributed.all_gather_object(found, data)
        return found if self.rank == 0 else []

    def broadcast(self, data: bytes) -> bytes:
        """Returns rank 0's data on every process."""
        if self.world_size == 1:
            return data
        box = [data]
        distributed.broadcast_object_list(box, src=0)
        return box[0]

    def barrier(self) -> None:
        """Waits until every process is here."""
        self.any(False)

    def close(self) -> None:
        """Leaves the group, together with the others unless an error is under way: they would wait in vain."""
        if distributed.is_initialized():
            if sys.exc_info()[0] is None:
                self.barrier()
            distributed.destroy_process_group()
