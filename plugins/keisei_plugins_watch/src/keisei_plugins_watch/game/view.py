"""A game as a page shows it."""

from collections.abc import Mapping
from typing import Any

from keisei_plugins_watch.game.course import Course
from keisei_plugins_watch.game.setup import Setup


def game_view(
    course: Course, setup: Setup, values: Mapping[int, float], is_seated: bool, problem: str
) -> dict[str, Any]:
    """Returns all that a page shows of a game, as JSON has it.

    Args:
        course: the game.
        setup: what it began with; `simulations` as they are meanwhile.
        values: expected results for the side to move, by ply.
        is_seated: whether the opponent is there.
        problem: why the opponent does not move; empty where it does.
    """
    is_yours = is_seated and course.turn == setup.colour and not course.ending
    return {
        "start": setup.name,
        "start_sfen": course.start_sfen,
        "sfen": course.sfen,
        "moves": course.moves[:],
        "legal": course.legal if is_yours else [],
        "colour": setup.colour,
        "turn": course.turn,
        "in_check": course.in_check,
        "ending": course.ending,
        "winner": course.winner,
        "simulations": setup.simulations,
        "thinks": not course.ending and not problem and not is_yours,
        "values": [values.get(ply) for ply in range(len(course.moves) + 1)],
    }
