"""How the processes of one run work together: what a backend must offer, and the single process.

Everything that decides whether a process goes on (a KL stop, a stop request) is asked through here, so that no
process leaves the loop alone.
"""

from typing import Protocol

import torch
from torch import Tensor, nn

from keisei_core.errors import ConfigError


def never() -> bool:
    """Answers the question whether to stop where nobody may ask for it."""
    return False


class DistributionBackend(Protocol):
    """One process's view of the processes that train one network together."""

    rank: int
    """0 in the process that alone writes files and shows progress."""
    world_size: int
    """Number of processes."""
    local_world_size: int
    """Number of processes on this machine, which share its cores."""
    attempt: int
    """How often the processes were started again after one of them failed: a run then goes on from its checkpoint."""
    device: torch.device
    """Where this process computes: what the config chose, or the backend's own share of it."""

    def wrap(self, network: nn.Module) -> nn.Module:
        """Returns the network to learn through, whose backward pass leaves the processes' mean gradient."""
        ...

    def settle(self, network: nn.Module) -> None:
        """Makes equal on all processes what their gradients do not: buffers such as running statistics."""
        ...

    def sum(self, values: Tensor) -> Tensor:
        """Adds up a tensor over all processes; every process gets the result."""
        ...

    def any(self, flag: bool) -> bool:
        """Tells whether any process says yes; every process gets the same answer."""
        ...

    def gather(self, data: bytes) -> list[bytes]:
        """Returns every process's data by rank on rank 0, an empty list elsewhere."""
        ...

    def broadcast(self, data: bytes) -> bytes:
        """Returns rank 0's data on every process; what the others give is not looked at."""
        ...

    def barrier(self) -> None:
        """Waits until every process is here, however long one of them works alone."""
        ...

    def close(self) -> None:
        """Leaves the group of processes, together with the others unless an error is under way."""
        ...


class Single:
    """One process that works alone."""

    rank = 0
    world_size = 1
    local_world_size = 1
    attempt = 0

    def __init__(self, device: torch.device) -> None:
        self.device = device

    def wrap(self, network: nn.Module) -> nn.Module:
        """Returns the network itself."""
        return network

    def settle(self, network: nn.Module) -> None:
        """Does nothing: there are no others."""

    def sum(self, values: Tensor) -> Tensor:
        """Returns the values themselves."""
        return values

    def any(self, flag: bool) -> bool:
        """Returns the flag itself."""
        return flag

    def gather(self, data: bytes) -> list[bytes]:
        """Returns the data alone."""
        return [data]

    def broadcast(self, data: bytes) -> bytes:
        """Returns the data itself."""
        return data

    def barrier(self) -> None:
        """Returns at once."""

    def close(self) -> None:
        """Does nothing: there is no group to leave."""


def share_of_each(total: int, backend: DistributionBackend, key: str) -> int:
    """Returns what each process has of something that all processes share evenly.

    Args:
        total: over all processes.
        backend: tells how many.
        key: `[table] key` of the total, for the message.

    Raises:
        ConfigError: it can't be shared evenly; says which numbers can.
    """
    count = backend.world_size
    share, rest = divmod(total, count)
    if rest or not share:
        near = f"{share * count} or {(share + 1) * count}" if share else f"{count}"
        problem = f"{key}: must be a multiple of the {count} processes that share it, got {total}; write {near}"
        raise ConfigError([problem])
    return share
