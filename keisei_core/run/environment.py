"""What a run ran on: machine, Python, packages and plugins, for somebody who wants to run it again."""

import os
import platform
import sys
from importlib.metadata import distributions
from typing import Any

import torch

from keisei_core.plugins import Settings


def environment(settings: Settings, device: torch.device) -> dict[str, Any]:
    """Returns the description as JSON-able data."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cpu_count": os.cpu_count(),
        "torch_threads": torch.get_num_threads(),
        "device": str(device),
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "command": sys.argv,
        "plugins": plugin_table(settings),
        "packages": dict(sorted((dist.metadata["Name"], dist.version) for dist in distributions())),
    }


def plugin_table(settings: Settings) -> list[dict[str, str]]:
    """Returns which part of the run came from which plugin and version."""
    return [
        {
            "kind": str(choice.kind),
            "name": choice.component.name,
            "distribution": choice.owner.distribution,
            "version": choice.owner.version,
        }
        for choice in settings.choices()
    ]
