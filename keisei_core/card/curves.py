"""How the network learned: a few figures of its run by plies, thin enough for a small picture."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

SCORE: Final = "score"
FIGURES: Final = ("explained_variance", "entropy")
"""Beside the score, which stands first where there were matches enough for a curve."""
MOST_POINTS: Final = 60
LEAST_POINTS: Final = 2
DIGITS: Final = 4
Row = Mapping[str, Any]
Curve = dict[str, Any]
"""`figure`, `plies` and `values`; of the score `low` and `high` too, the ends of its 95 % interval."""


def curves_of(metrics: Sequence[Row]) -> list[Curve]:
    """Returns the curves that a run has points enough for.

    Args:
        metrics: a row for each update.
    """
    wanted = {SCORE: (SCORE, "score_low", "score_high"), **{name: (name,) for name in FIGURES}}
    return [curve for names in wanted.values() for curve in _curve(metrics, names)]


def _curve(metrics: Sequence[Row], names: Sequence[str]) -> Iterator[Curve]:
    """Yields the curve of the first of some figures, the others beside it."""
    rows = [row for row in metrics if all(isinstance(row.get(name), int | float) for name in ("plies", *names))]
    if len(rows) < LEAST_POINTS:
        return
    rows = [*rows[: -1 : -(-len(rows) // MOST_POINTS)], rows[-1]]
    columns = zip(("values", "low", "high"), names, strict=False)
    values = {column: [float(f"{row[name]:.{DIGITS}g}") for row in rows] for column, name in columns}
    yield {"figure": names[0], "plies": [row["plies"] for row in rows], **values}
