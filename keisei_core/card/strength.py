"""How strong the network is, as far as its run has measured it."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from keisei_core.arena.score import elo_of
from keisei_core.card.private import player_without_paths

FIGURES: Final = ("games", "wins", "draws", "losses", "truncated", "score", "low", "high")
IN_TRAINING: Final = {"score": "score", "low": "score_low", "high": "score_high"}
"""Figures of a match by their names among an update's."""
Row = Mapping[str, Any]


def match_rows(result: Row) -> list[Row]:
    """Returns a row for each match at the end of a run, each opponent once: the last match stands before the rungs.

    Args:
        result: what result.json has; may be empty.
    """
    found = result.get("rungs")
    rungs = [row for row in found if isinstance(row, Mapping)] if isinstance(found, list) else []
    is_rung = any(row.get("opponent") == result.get("opponent") for row in rungs)
    return [
        {"opponent": player_without_paths(row["opponent"]), **{name: row[name] for name in FIGURES}}
        for row in (rungs if is_rung else [result, *rungs])
        if isinstance(row.get("opponent"), str) and all(isinstance(row.get(name), int | float) for name in FIGURES)
    ]


def match_in_training(metrics: Sequence[Row], opponent: str) -> Row | None:
    """Returns the match that was played after the last update of a run's metrics; None where none was.

    Args:
        metrics: a row for each update.
        opponent: of matches in training, with its options.
    """
    last = metrics[-1] if metrics else {}
    found = {name: last.get(figure) for name, figure in IN_TRAINING.items()}
    is_played = all(isinstance(value, int | float) for value in found.values())
    return {"opponent": player_without_paths(opponent), **found} if is_played else None


def strength_lines(rows: Sequence[Row], in_training: Row | None) -> Iterator[str]:
    """Yields the lines of the card.

    Args:
        rows: of the matches at the end.
        in_training: of `match_in_training`, which is told where those are not known.
    """
    if rows:
        yield from _table_lines(rows)
    elif in_training:
        score = f"{in_training['score']:.2f} [{in_training['low']:.2f}, {in_training['high']:.2f}]"
        yield f"In a match during training it scored {score} against `{in_training['opponent']}`,"
        yield f"{_elo(in_training)} Elo, with 95 % intervals. Of matches at the end of its run none is known."
    else:
        yield "Not known: no match of it is recorded."


def _table_lines(rows: Sequence[Row]) -> Iterator[str]:
    surest = min(rows, key=_doubt)
    if surest["truncated"] == surest["games"]:
        yield "Not known: every game was cut off for its length, which is no sign of equal strength."
    else:
        yield f"About **{_elo(surest)} Elo** from `{surest['opponent']}`, with the 95 % interval: 0 is equal strength."
    yield "All its matches:"
    yield ""
    yield "| opponent | games | won / drawn / lost | cut off | score | Elo |"
    yield "|---|---:|---:|---:|---:|---:|"
    for row in rows:
        counts = f"{row['wins']} / {row['draws']} / {row['losses']} | {row['truncated']}"
        score = f"{row['score']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        yield f"| `{row['opponent']}` | {row['games']} | {counts} | {score} | {_elo(row)} |"
    yield ""
    yield "Every random opening was played with both colours; a game cut off for its length counts half a point."


def _doubt(row: Row) -> tuple[bool, bool, float]:
    """Orders matches by their interval in Elo: before those that one side won altogether, before those all cut off."""
    is_one_sided = not 0 < row["score"] < 1
    return row["truncated"] == row["games"], is_one_sided, elo_of(row["high"]) - elo_of(row["low"])


def _elo(row: Row) -> str:
    return f"{_number(row['score'])} [{_number(row['low'])}, {_number(row['high'])}]"


def _number(score: float) -> str:
    """Returns a share of the points as Elo."""
    elo = elo_of(score)
    return f"{elo:+.0f}" if math.isfinite(elo) else "+∞" if elo > 0 else "-∞"
