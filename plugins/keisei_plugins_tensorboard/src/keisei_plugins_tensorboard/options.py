"""The keys of `[tracking.tensorboard]`; imports nothing heavy."""

import attrs

from keisei_core.config import setting


@attrs.frozen(kw_only=True)
class TensorBoardOptions:
    """Where curves go, and which."""

    folder: str = setting(
        "tensorboard",
        "folder of the event files, inside the run folder; an absolute path gets a folder for each run",
    )
    metrics: tuple[str, ...] = setting(("*",), "patterns of the names of metrics to write; * stands for any letters")
