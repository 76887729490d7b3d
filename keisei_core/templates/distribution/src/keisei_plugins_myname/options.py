"""The keys that `[distribution] name = "myname"` understands; imports no torch."""

import attrs

from keisei_core.config import above, one_of, setting


@attrs.frozen(kw_only=True)
class MynameOptions:
    """How the processes talk."""

    transport: str = setting("auto", "auto, gloo or nccl; auto takes nccl on GPUs", one_of("auto", "gloo", "nccl"))
    timeout_s: float = setting(600.0, "seconds to wait for another process before the run ends", above(0))
