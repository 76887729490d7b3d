"""Where the time of a run went."""

from collections.abc import Sequence
from typing import Any


def time_spent(metrics: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Returns seconds by stage: choosing moves, the rules, learning, and the rest: matches, checkpoints, callbacks.

    Empty before the first update.
    """
    if not metrics:
        return {}
    total = _number(metrics[-1].get("elapsed_s"))
    stages = {name: sum(_number(row.get(f"{name}_s")) for row in metrics) for name in ("act", "environment", "learn")}
    rest = max(total - sum(stages.values()), 0.0)
    return {name: round(seconds, 1) for name, seconds in {**stages, "rest": rest}.items()}


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
