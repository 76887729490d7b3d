"""Which figures left their healthy range, and when: the warnings of the run, found again from its metrics."""

from collections.abc import Sequence
from typing import Any

from keisei_core.run.alarms import Alarms


def raised_alarms(metrics: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns each alarm at the update at which the run warned of it."""
    alarms, found = Alarms(), []
    for row in metrics:
        figures = {name: value for name, value in row.items() if isinstance(value, int | float)}
        for raised in alarms.check({"games_per_s": 0.0, **figures}):
            found.append(
                {
                    "update": row["update"],
                    "plies": row.get("plies"),
                    "name": raised.alarm.name,
                    "figure": raised.alarm.figure,
                    "mean": float(f"{raised.mean:.3g}"),
                    "advice": raised.alarm.advice,
                }
            )
    return found
