"""The keys that `[distribution] name = "ddp"` understands; imports no torch."""

import attrs

from keisei_core.config import above, at_least, at_most, one_of, setting


@attrs.frozen(kw_only=True)
class DDPOptions:
    """How many processes, how they talk, and how long they wait for each other."""

    processes: int = setting(
        0,
        "processes that keisei starts on this machine; 0 starts one for each GPU, or for each CPU core without one; "
        "under torchrun the launcher decides",
        at_least(0),
        at_most(1024),
    )
    backend: str = setting(
        "auto",
        "auto, gloo or nccl: what carries gradients; auto takes gloo on CPUs and shared GPUs, else nccl",
        one_of("auto", "gloo", "nccl"),
    )
    timeout_s: float = setting(
        180.0, "a process that gives no sign of life for so many seconds ends the others", above(0), at_most(86_400)
    )
    join_timeout_s: float = setting(
        60.0, "seconds within which every process must have come together", above(0), at_most(86_400)
    )
    max_restarts: int = setting(
        0,
        "how often the processes that keisei started go on from the last checkpoint after one of them failed",
        at_least(0),
        at_most(1_000),
    )
