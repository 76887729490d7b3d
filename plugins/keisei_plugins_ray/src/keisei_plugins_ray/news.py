"""What a seat tells of its worker; imports no ray."""

import attrs

from keisei_core.launching import Outcome


@attrs.frozen(kw_only=True)
class News:
    """What became of a worker since it was last asked."""

    printed: tuple[tuple[int, bytes], ...] = ()
    """What it wrote, by file descriptor, in order."""
    code: int | None = None
    """Its exit code, negative for a signal; None while it runs."""
    outcome: Outcome | None = None
    gone: str = ""
    """What became of the actor or its machine, where that can't be asked any more."""
