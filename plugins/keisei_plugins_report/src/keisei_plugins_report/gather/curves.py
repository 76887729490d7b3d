"""The figures of all updates, by name, thin enough to draw."""

from collections.abc import Sequence
from typing import Any, Final

MOST_POINTS: Final = 500
"""Of a curve: more than a plot has columns."""
DIGITS: Final = 4
OF_MATCHES: Final = "score"
"""Begins the names of figures that few updates have, of which none is left out."""


def columns(metrics: Sequence[dict[str, Any]]) -> dict[str, list[float | None]]:
    """Returns each figure by update; None where an update has none.

    Where there are more updates than `MOST_POINTS`, every so many stand for those between them, but those with a match
    all stay.
    """
    stride = -(-len(metrics) // MOST_POINTS) or 1
    kept = [row for at, row in enumerate(metrics) if at % stride == 0 or OF_MATCHES in row or at == len(metrics) - 1]
    names = sorted({name for row in kept for name, value in row.items() if isinstance(value, int | float)})
    return {name: [_short(row.get(name)) for row in kept] for name in names}


def _short(value: Any) -> float | None:
    """Returns a number with as many digits as a reader sees."""
    if not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")
