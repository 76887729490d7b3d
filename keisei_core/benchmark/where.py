"""Where something was measured: machine, versions, config and commit."""

import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

import keisei_core
from keisei_core.plugins import Settings
from keisei_core.run.environment import plugin_table
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


def processor() -> str:
    """Returns the name of the processor, as the system knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def commit() -> str | None:
    """Returns the commit of the sources that run, with a + where they were changed since; None outside of a clone."""
    folder = Path(keisei_core.__file__).parent
    try:
        named = _git(folder, "rev-parse", "--short=12", "HEAD")
        changed = _git(folder, "status", "--porcelain", "--untracked-files=no", "--", str(folder))
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{named}{'+' if changed else ''}"


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], capture_output=True, text=True, timeout=20, check=True
    )
    return done.stdout.strip()
