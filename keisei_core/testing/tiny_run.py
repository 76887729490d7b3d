"""A run of real processes, as small as they come: its config, and what is seen of it from outside."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

PATIENCE_S: Final = 600.0
"""What did not come by then hangs: no test may fail because its machine is busy."""
LOOK_S: Final = 0.02
CONFIG: Final = """
[run]
plies = {plies}
threads = 1
device = "cpu"

[model]
name = "baseline"
channels = 2

[selfplay]
games = 8
rollout_plies = 8
max_plies = 40

[learning]
minibatch = 32

[evaluation]
every_updates = 0
final_games = 2
max_plies = 20

[checkpoint]
every_updates = {saved_every}
"""
PLIES_PER_UPDATE: Final = 64


def tiny_config(num_updates: int, more: str = "", saved_every: int = 2) -> str:
    """Returns a config with the network of keisei-plugins-baseline, which two processes can share.

    Args:
        num_updates: after which the run is over.
        more: further tables.
        saved_every: updates from one checkpoint to the next.
    """
    return CONFIG.format(plies=num_updates * PLIES_PER_UPDATE, saved_every=saved_every) + more


def logged_in(run: Path) -> list[int]:
    """Returns the numbers of the updates that a run has logged, in that order."""
    path = run / "metrics.jsonl"
    whole = path.read_text(encoding="utf-8").rpartition("\n")[0] if path.exists() else ""
    return [json.loads(line)["update"] for line in whole.splitlines()]


def updates_in(run: Path) -> int:
    """Counts the updates that a run has logged."""
    return len(logged_in(run))


def saved_in(run: Path) -> int:
    """Returns the update of a run's last checkpoint."""
    return int(last_checkpoint(run).name.removeprefix("update-"))


def weights_of(run: Path) -> bytes:
    """Returns the weights of a run's last checkpoint, as they are on disk."""
    return (last_checkpoint(run) / "weights.safetensors").read_bytes()


def last_checkpoint(run: Path) -> Path:
    """Returns the folder of a run's last checkpoint that is whole."""
    return max((run / "checkpoints").glob("update-??????"))


def wait_until(is_so: Callable[[], bool], limit_s: float = PATIENCE_S) -> None:
    """Waits for something to become true.

    Raises:
        AssertionError: it did not in so many seconds.
    """
    end = time.monotonic() + limit_s
    while not is_so():
        assert time.monotonic() < end, f"waited {limit_s:g} s in vain"
        time.sleep(LOOK_S)
