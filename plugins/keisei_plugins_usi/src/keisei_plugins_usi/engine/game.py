"""The game as a user interface tells it, played on by what is new; the user interface decides when it ends."""

from typing import Final

import numpy as np

from keisei_core.shogi import Branches, legal_mask, parse_sfen, usi_to_action
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_usi.engine.said import Place

MOST_NUMBER: Final = 50_000
"""The largest move number that a game may begin with; a larger one is read as this."""


class MatedError(Exception):
    """The player to move has no move."""


class Game:
    """One game with its past."""

    def __init__(self, history: int) -> None:
        """Knows nothing yet.

        Args:
            history: earlier positions that are kept beside each.
        """
        self._history: Final = history
        self._place = Place("")
        self._branches: Branches | None = None

    def stand_at(self, place: Place, max_plies: int = 0) -> Branches:
        """Returns one branch that stands where the game does, after the moves that were not played yet.

        Args:
            place: what was told of the game.
            max_plies: after which it is a draw; 0 or less than there are: never.

        Raises:
            SfenError: the start is no position.
            IllegalMoveError: a move is not legal.
            MatedError: there is no move left.
        """
        cap = max_plies if place.ply < max_plies < MAX_MAX_PLIES else MAX_MAX_PLIES
        branches, known = self._branches, self._place.moves
        goes_on = place.start == self._place.start and place.moves[: len(known)] == known
        if branches is None or not goes_on or branches.max_plies != cap:
            branches, known = self._begun(place, cap), ()
        self._branches = None  # a game that breaks off at an illegal move is not gone on with
        for move in place.moves[len(known) :]:
            branches.play(np.array([usi_to_action(branches.positions, move)], np.int32))
            branches.reopen()
        if branches.num_legal[0] == 0:
            raise MatedError
        if branches.depth[0]:  # what was played is the past: else every branch of a search would carry it along
            branches = branches.rerooted(0, np.zeros(1, np.int64), 1)
        self._branches, self._place = branches, place
        return branches

    def _begun(self, place: Place, max_plies: int) -> Branches:
        start = parse_sfen(numbered(place.start), is_problem=True).with_history(self._history)
        if not legal_mask(start).any():
            raise MatedError
        return Branches.of_positions(start, max_plies)


def numbered(start: str) -> str:
    """Returns an SFEN whose move number is one that a game can begin with: 1 where it is missing or 0."""
    parts = start.split()
    if len(parts) == 3 or (len(parts) == 4 and parts[3].isdecimal()):
        number = int(parts[3][:9]) if len(parts) == 4 else 1
        return " ".join([*parts[:3], str(min(max(number, 1), MOST_NUMBER))])
    return start
