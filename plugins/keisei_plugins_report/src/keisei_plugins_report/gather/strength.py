"""How strong the network is: its score against each opponent at the end, as share of the points and as Elo."""

from typing import Any

from keisei_core.arena.report import finite
from keisei_core.arena.score import elo_of

COUNTS = ("games", "wins", "draws", "losses", "truncated")


def strength(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Returns a row for each match at the end, each opponent once: the last match stands before the rungs.

    Args:
        result: what result.json says; may be empty.
    """
    rungs = result.get("rungs", [])
    last = [{"opponent": "", **result}] if "score" in result else []
    is_rung = any(row["opponent"] == result.get("opponent") for row in rungs)
    return [_row(row) for row in (rungs if is_rung else [*last, *rungs])]


def _row(row: dict[str, Any]) -> dict[str, Any]:
    elo, low, high = (finite(elo_of(row[name])) for name in ("score", "low", "high"))
    return {
        "opponent": row["opponent"],
        **{name: row[name] for name in (*COUNTS, "score", "low", "high")},
        "elo": elo,
        "elo_low": low,
        "elo_high": high,
    }
