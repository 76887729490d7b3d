"""The ladder that is climbed: players of fixed strength, from the weakest to the strongest."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from keisei_core.arena.contest import Contest
from keisei_core.arena.participant import Participant
from keisei_core.errors import KeiseiError
from keisei_core.shown import first_line

USI: Final = "usi:"
RUNGS: Final = (
    "random",
    "usi:fairy-d1-s-5",
    "alphabeta",
    "alphabeta:depth=2",
    "usi:fairy-d1-s-3",
    "alphabeta:depth=3",
    "usi:crazywa-d1",
    "alphabeta:depth=4",
    "usi:fairy-d1-s0",
    "usi:fairy-d1",
    "usi:gnushogi-d1",
)
"""In the order of docs/results/external_ladder.md, 0 to 3,400 Elo above random play."""


def find_rungs(
    texts: Sequence[str], contest: Contest, engines: Path | None = None
) -> tuple[dict[str, Participant], dict[str, str]]:
    """Finds the players of a ladder.

    Args:
        texts: of players; none means `RUNGS`, of which those that are not installed here are left out.
        contest: in which they are met.
        engines: the file that has the tables of engines; None: where the player `usi` looks.

    Returns:
        The players from the weakest to the strongest by their texts, and why others are left out.

    Raises:
        KeiseiError: a player that was asked for can't be found.
    """
    found, left_out = {}, {}
    for text in texts or RUNGS:
        try:
            (found[text],) = contest.participants([_with_file(text, engines)])
        except KeiseiError as error:
            if texts:
                raise
            left_out[text] = first_line(error)
    return found, left_out


def _with_file(text: str, engines: Path | None) -> str:
    """Names the file of an engine's table behind the engine."""
    return text if engines is None or not text.startswith(USI) or "file=" in text else f"{text},file={engines}"
