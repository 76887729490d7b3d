"""Where a process stands among the others: what its launcher wrote into the environment."""

import os
from collections.abc import Mapping
from typing import Final, Self

import attrs

from keisei_core.errors import DistributionError

OURS: Final = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
"""Variables that every launcher sets; torchrun and keisei itself set more."""
ATTEMPT: Final = "TORCHELASTIC_RESTART_COUNT"
STORE: Final = "TORCHELASTIC_USE_AGENT_STORE"


@attrs.frozen(kw_only=True)
class Place:
    """One process of a group."""

    rank: int
    world_size: int
    local_rank: int
    """Counts the processes on one machine."""
    local_world_size: int
    address: str
    """Of the machine where the processes come together."""
    port: int
    attempt: int
    """How often the group was started again."""
    has_store: bool
    """True where the launcher keeps the store; else rank 0 does."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """Reads the place that a launcher gave this process, None where none did.

        Raises:
            DistributionError: a launcher set some of the variables, but not all, not to numbers, or to a rank that a
                group of that size has not.
        """
        if "RANK" not in environment or "WORLD_SIZE" not in environment:
            return None
        missing = [name for name in OURS if name not in environment]
        if missing:
            raise DistributionError(
                f"RANK is set, so a launcher must set {' and '.join(missing)} too; "
                "unset RANK where keisei is to start its own processes"
            )
        rank, world_size = _number(environment, "RANK"), _number(environment, "WORLD_SIZE")
        if rank >= world_size:
            raise DistributionError(
                f"RANK counts from 0 and must be below WORLD_SIZE, got RANK={rank} and WORLD_SIZE={world_size}; "
                "look at the launcher that set them"
            )
        return cls(
            rank=rank,
            world_size=world_size,
            local_rank=_number(environment, "LOCAL_RANK", 0),
            local_world_size=_number(environment, "LOCAL_WORLD_SIZE", 1),
            address=environment["MASTER_ADDR"],
            port=_number(environment, "MASTER_PORT"),
            attempt=_number(environment, ATTEMPT, 0),
            has_store=environment.get(STORE) == "True",
        )

    def to_environment(self) -> dict[str, str]:
        """Returns the variables that give a process this place; see `from_environment`."""
        return {
            "RANK": str(self.rank),
            "WORLD_SIZE": str(self.world_size),
            "LOCAL_RANK": str(self.local_rank),
            "LOCAL_WORLD_SIZE": str(self.local_world_size),
            "MASTER_ADDR": self.address,
            "MASTER_PORT": str(self.port),
            ATTEMPT: str(self.attempt),
            STORE: str(self.has_store),
        }

    @property
    def endpoint(self) -> str:
        """Address and port as a user knows them."""
        return f"{self.address}:{self.port}"


def _number(environment: Mapping[str, str], name: str, default: int | None = None) -> int:
    text = environment.get(name, "" if default is None else str(default))
    if not text.isdecimal():
        raise DistributionError(f"{name} must be a whole number, got {text!r}; look at the launcher that set it")
    return int(text)
