"""What of a run's folder tells how much was computed until each of its checkpoints, and where."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Self

import attrs

from keisei_core.arena import TrainedNetwork, find_network
from keisei_core.card.about import ONE_PROCESS
from keisei_core.card.run_files import RunFiles
from keisei_core.checkpoint import CheckpointStore
from keisei_core.errors import ConfigError
from keisei_core.shown import shown

MINUTE_S: Final = 60
DIGITS: Final = 12
BESIDE: Final = frozenset({"evaluation", "checkpoint", "tracking"})
"""Tables that decide nothing of what is learned."""
PACKAGES: Final = ("keisei", "torch", "numba")


@attrs.frozen(kw_only=True)
class Stop:
    """A checkpoint, and what it took to come so far."""

    path: Path
    update: int
    plies: int
    core_minutes: float
    """Of all threads of the process; matches and checkpoints of the run count as much as its updates."""


@attrs.frozen(kw_only=True)
class Journey:
    """A run from its first kept checkpoint to its last."""

    stops: Sequence[Stop]
    """In the order of the run, at least one."""
    recipe: str
    """The config file that the run was begun with, as it was called; the folder's name where nobody knows."""
    changes: Sequence[str]
    """Its keys that were set otherwise on the command line, `table.key=value`."""
    config: str
    """Digest of all settings that decide what is learned, but for the seed."""
    seed: int
    place: Mapping[str, Any]
    """Machine, versions and commit of the training."""

    @classmethod
    def read(cls, run: Path, growth: float) -> Self:
        """Reads a run, finished or going on.

        Args:
            run: its folder.
            growth: core-minutes of a stop over those of the one before, at least.

        Raises:
            ConfigError: it has no checkpoint behind its first update, or does not tell what was computed.
            CheckpointError: a checkpoint is damaged.
        """
        stops = [stop for path in CheckpointStore(run / "checkpoints", keep=1).folders() if (stop := _stop(path))]
        if not stops:
            told = "no checkpoint of it tells core-minutes"
            raise ConfigError([f"{shown(run)}: {told}; name the folder of a run that has made an update"])
        state = find_network(stops[-1].path).state
        backend = state["config"].get("distribution", {}).get("name", ONE_PROCESS).rpartition(":")[2]
        if backend != ONE_PROCESS:
            told = f"was trained with distribution {backend!r}, and tells core-minutes of one of its processes alone"
            raise ConfigError([f"{shown(run)}: {told}; name a run of a single process"])
        environment = RunFiles.of(stops[-1].path, stops[-1].update).environment
        return cls(
            stops=spaced(stops, growth),
            recipe=_recipe(environment) or run.absolute().name,
            changes=_changes(environment),
            config=_digest(state["config"]),
            seed=state["config"].get("run", {}).get("seed", 0),
            place=_place(environment),
        )


def spaced(stops: Sequence[Stop], growth: float) -> list[Stop]:
    """Chooses stops backwards from the last: each took at least `growth` times the core-minutes of the one before."""
    chosen: list[Stop] = []
    for stop in reversed(stops):
        if not chosen or stop.core_minutes * growth <= chosen[-1].core_minutes:
            chosen.append(stop)
    return chosen[::-1]


def _stop(path: Path) -> Stop | None:
    """Reads a checkpoint; None of one before the first update, and of a run that kept no account of its computing."""
    network: TrainedNetwork = find_network(path)
    counters = network.state["counters"]
    if not (counters.get("update") and counters.get("core_s")):
        return None
    minutes = counters["core_s"] / MINUTE_S
    return Stop(path=path, update=counters["update"], plies=counters["plies"], core_minutes=minutes)


def _recipe(environment: Mapping[str, Any]) -> str:
    """Returns the config among the arguments that a run was begun with, without the folders of an absolute path."""
    named = [word for word in environment.get("command", ()) if str(word).endswith(".toml")]
    if not named:
        return ""
    return Path(named[0]).name if Path(named[0]).is_absolute() else str(named[0])


def _changes(environment: Mapping[str, Any]) -> list[str]:
    """Returns what stood behind `--set` when the run was begun, without what changes nothing that is learned."""
    words = [str(word) for word in environment.get("command", ())]
    texts = [text for flag, text in pairwise(words) if flag == "--set"]
    return [text for text in texts if text.partition(".")[0] not in BESIDE and not text.startswith("run.seed=")]


def _digest(tables: Mapping[str, Any]) -> str:
    """Returns 12 hexadecimal digits."""
    decisive = {name: dict(table) for name, table in tables.items() if name not in BESIDE}
    decisive.get("run", {}).pop("seed", None)
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:DIGITS]


def _place(environment: Mapping[str, Any]) -> dict[str, Any]:
    packages = environment.get("packages", {})
    return {
        "machine": dict(_machine(environment)),
        "versions": {
            "python": environment.get("python"),
            **{name: packages[name] for name in PACKAGES if name in packages},
        },
        "commit": environment.get("commit"),
    }


def _machine(environment: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, key in (("processor", "processor"), ("cores", "cpu_count"), ("threads", "torch_threads"), ("gpu", "gpu")):
        if environment.get(key):
            yield name, environment[key]
