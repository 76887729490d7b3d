"""The keys that `[distribution] name = "ray"` understands: those of `ddp`, and where processes come from.

Imports neither torch nor ray.
"""

import attrs

from keisei_core.config import above, at_least, at_most, one_of, setting
from keisei_plugins_ddp.options import DDPOptions


@attrs.frozen(kw_only=True)
class RayOptions(DDPOptions):
    """Which cluster, what it keeps for each process, and how long to wait for that."""

    address: str = setting(
        "",
        "HOST:PORT of a cluster's head, or auto for the one that runs on this machine; empty and auto take RAY_ADDRESS "
        "where it is set; empty without it, and local, start one of this machine alone for the time of the run",
    )
    processes: int = setting(
        0,
        "processes of the run; 0 starts one for each GPU of the cluster, or for each CPU where none is asked for",
        at_least(0),
        at_most(1024),
    )
    cpus: float = setting(
        0.0,
        "CPUs that the cluster keeps for each process; 0 takes [run] threads, and where that is 0 too 1, or an even "
        "share of this machine without a cluster",
        at_least(0),
        at_most(1024),
    )
    gpus: float = setting(
        1.0,
        "GPUs that the cluster keeps for each process where [run] device is cuda, or auto and there are some; below 1 "
        "several processes share one",
        above(0),
        at_most(1),
    )
    strategy: str = setting(
        "PACK",
        "how processes are placed: on few machines (PACK), on many (SPREAD), on one or not at all (STRICT_PACK), on "
        "a machine each or not at all (STRICT_SPREAD)",
        one_of("PACK", "SPREAD", "STRICT_PACK", "STRICT_SPREAD"),
    )
    place_timeout_s: float = setting(
        60.0, "seconds within which the cluster must have room for all processes", above(0), at_most(604_800)
    )
