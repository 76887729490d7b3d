"""The keys of `[tracking.trackio]`; imports nothing heavy."""

import re
from typing import Any

import attrs

from keisei_core.config import setting


def _is_plain(_: object, __: "attrs.Attribute[Any]", name: str) -> None:
    """Refuses names that Trackio would not take for a file's as they stand."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ValueError(f"must be made of letters, digits, - and _, got {name!r}")


@attrs.frozen(kw_only=True)
class TrackioOptions:
    """Where curves go, and which."""

    folder: str = setting(
        "trackio",
        "folder of the database, inside the run folder; runs that name the same absolute path share it",
    )
    project: str = setting("keisei", "project that Trackio shows the run in: letters, digits, - and _", _is_plain)
    metrics: tuple[str, ...] = setting(("*",), "patterns of the names of metrics to write; * stands for any letters")
