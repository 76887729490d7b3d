"""Where something was measured: machine, versions, config and commit."""

import platform
from typing import Any

import torch

import keisei_core
from keisei_core.plugins import Settings
from keisei_core.run.environment import plugin_table
from keisei_core.run.machine import commit, processor
from keisei_core.shogi.cores import usable_cores


def where(settings: Settings, device: torch.device) -> dict[str, Any]:
    """Returns the description as JSON-able data."""
    return {
        "machine": {
            "processor": processor(),
            "cores": usable_cores(),
            "threads": torch.get_num_threads(),
            "device": torch.cuda.get_device_name(device) if device.type == "cuda" else "cpu",
            "system": platform.platform(terse=True),
        },
        "versions": {
            "keisei": keisei_core.__version__,
            "commit": commit(),
            "python": platform.python_version(),
            "torch": torch.__version__,
            "plugins": plugin_table(settings),
        },
        "config": settings.to_document(),
    }
