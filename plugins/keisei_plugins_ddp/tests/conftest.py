"""Real processes in groups: started by hand with the variables that every launcher sets, or by the command itself."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from keisei_core.testing.processes import Processes
from keisei_core.testing.tiny_run import tiny_config

HERE = Path(__file__).parent
LONG = os.environ.get("KEISEI_DISTRIBUTED") == "1"

DDP = """
[distribution]
name = "ddp"
processes = 2
"""


def pytest_configure(config: pytest.Config) -> None:
    """Registers the mark of the long proofs."""
    config.addinivalue_line("markers", "distributed: a long proof on real processes, run by make distributed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leaves the long proofs to `make distributed`."""
    for item in items:  # of the whole session, other plugins' too
        if item.path.is_relative_to(HERE) and item.get_closest_marker("distributed") and not LONG:
            item.add_marker(pytest.mark.skip(reason="a long proof on real processes; run by make distributed"))


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Path]:
    """Writes a config for a run of so many updates by two processes; further lines are added at its end."""

    def write(updates: int, more: str = "") -> Path:
        path = tmp_path / "tiny.toml"
        path.write_text(tiny_config(updates, DDP + more))
        return path

    return write


@pytest.fixture
def group() -> Iterator["Group"]:
    group = Group()
    yield group
    group.close()


class Group(Processes):
    """The processes of one test; none of them outlives it."""

    def member(self, rank: int, world_size: int, address: str, port: int, *command: object, **more: Any) -> Any:
        """Starts a process as one of a group."""
        place = {"RANK": rank, "WORLD_SIZE": world_size, "MASTER_ADDR": address, "MASTER_PORT": port}
        return self.start(*command, **place, **more)
