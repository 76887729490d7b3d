"""The figures of all updates, by name, thin enough to draw."""

from collections.abc import Sequence
from typing import Any, Final

MOST_POINTS: Final = 500
"""Of a curve, and of matches: more than a plot has columns."""
DIGITS: Final = 4
OF_MATCHES: Final = "score"
"""A figure that few updates have, mostly."""


def columns(metrics: Sequence[dict[str, Any]]) -> dict[str, list[float | None]]:
    """Returns each figure by update; None where an update has none.

    Where there are more updates than `MOST_POINTS`, every so many stand for those between them, and beside them those
    with a match, up to as many again.
    """
    everything = range(len(metrics))
    with_match = [at for at in everything if OF_MATCHES in metrics[at]]
    kept = [metrics[at] for at in sorted({*_thin(everything), *_thin(with_match), *everything[-1:]})]
    names = sorted({name for row in kept for name, value in row.items() if isinstance(value, int | float)})
    return {name: [_short(row.get(name)) for row in kept] for name in names}


def _thin(places: Sequence[int]) -> Sequence[int]:
    """Returns every so many of some places, `MOST_POINTS` at most."""
    return places[:: -(-len(places) // MOST_POINTS) or 1]


def _short(value: Any) -> float | None:
    """Returns a number with as many digits as a reader sees."""
    if not isinstance(value, int | float):
        return None
    return value if isinstance(value, int) else float(f"{value:.{DIGITS}g}")
