"""What a run ran on: machine, Python, packages and plugins, for somebody who wants to run it again."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import torch

from keisei_core.config.tables import DEFAULT_NAMES, DEFAULT_OWNERS
from keisei_core.plugins import Settings
from keisei_core.plugins.installed import installed_versions
from keisei_core.plugins.plugin_file import PluginFile, files_in_use
from keisei_core.run.machine import commit, processor
from keisei_core.shown import shown


def environment(settings: Settings, device: torch.device) -> dict[str, Any]:
    """Returns the description as JSON-able data."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "processor": processor(),
        "cpu_count": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "device": str(device),
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "command": sys.argv,
        "commit": commit(),
        "plugins": plugin_table(settings),
        "packages": installed_versions(),
    }


def files_of(settings: Settings) -> list[PluginFile]:
    """Returns the files in use that parts of the run come from."""
    owners = {choice.owner for choice in settings.choices()}
    return [file for file in files_in_use() if file.owner in owners]


def versions() -> dict[str, str | int]:
    """Returns what else decides the last bits of a run on a CPU; told in checkpoints."""
    return {"python": platform.python_version(), "torch": torch.__version__, "threads": torch.get_num_threads()}


def other_conditions(recorded: Mapping[str, Any]) -> Iterator[str]:
    """Yields a line for everything that keeps a resumed run from being the same bit for bit.

    Args:
        recorded: what `versions` gave when the checkpoint was made.
    """
    for name, now in versions().items():
        if recorded.get(name, now) != now:
            yield f"made with {name} {shown(recorded[name])}, goes on with {now}: not the same bit for bit"


def begun_schedules(before: Mapping[str, Any], now: Mapping[str, Any], table: str = "") -> Iterator[str]:
    """Yields a line for every figure that was one number throughout when a checkpoint was made, and moves from here on.

    Args:
        before: the config of its run, from a version in which some `key` may have had no `final_key` beside it.
        now: that of the run which goes on, in full.
        table: where in the whole config both stand.
    """
    for key, value in now.items():
        own, final = before.get(key), f"final_{key}"
        if isinstance(own, Mapping) and isinstance(value, Mapping):
            yield from begun_schedules(own, value, f"{table}.{key}".lstrip("."))
        elif isinstance(own, float) and final not in before and now.get(final, value) != value:
            yield (
                f"made where [{table}] {key} stayed at {own}, goes on towards {final} = {now[final]}: write "
                f"{final} = {value} in config.toml for one that stays"
            )


def stored_reference(state: Mapping[str, Any], kind: str) -> str:
    """Returns the `distribution:name` of the part of a kind, e.g. "optimizer", that a checkpoint's state.json tells of.

    Before it could be chosen, it was what is the default.
    """
    for row in state.get("plugins", ()):
        if row["kind"] == kind:
            return f"{row['distribution']}:{row['name']}"
    name = DEFAULT_NAMES[kind]
    return f"{DEFAULT_OWNERS[name]}:{name}"


def plugin_table(settings: Settings) -> list[dict[str, str]]:
    """Returns which part of the run came from which plugin and version; a player who plays twice stands once."""
    rows = [
        {
            "kind": str(choice.kind),
            "name": choice.component.name,
            "distribution": choice.owner.distribution,
            "version": choice.owner.version,
            **({"sha256": choice.owner.sha256} if choice.owner.sha256 else {}),
        }
        for choice in settings.choices()
    ]
    return [row for index, row in enumerate(rows) if row not in rows[:index]]
