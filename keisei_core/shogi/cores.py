"""How many CPU cores this process may use, by what its user and its system say of it."""

import math
import os
from pathlib import Path
from typing import Final

GROUPS: Final = Path("/sys/fs/cgroup")
"""Where Linux shows its control groups (version 2)."""
OWN_GROUP: Final = Path("/proc/self/cgroup")


def usable_cores() -> int:
    """Returns the cores that affinity (`taskset`) and control group (a container's `--cpus`) leave; at least 1."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(math.floor(min(cores, group_limit())), 1)


def group_limit() -> float:
    """Returns the CPU time a second that the control groups of this process allow; infinity where none sets a limit."""
    try:
        lines = OWN_GROUP.read_text(encoding="utf-8").splitlines()
    except OSError:
        return math.inf
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    return min(map(_limit, (GROUPS / own, *(GROUPS / own).parents)))


def _limit(group: Path) -> float:
    """Returns what one group allows; its file says `QUOTA PERIOD`, in microseconds, or `max PERIOD`."""
    try:
        quota, period = (group / "cpu.max").read_text(encoding="ascii").split()
        return int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return math.inf


def wished_threads() -> int | None:
    """Returns what `OMP_NUM_THREADS` asks for, None where it asks for nothing; of a list it is the first number."""
    first = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    return int(first) if first.isdecimal() and int(first) else None
