"""Why a game ended."""

from enum import IntEnum


class Ending(IntEnum):
    """Why a game ended, told of the player who just moved (the mover of the last ply)."""

    NONE = 0
    """The game goes on."""
    MATE = 1
    """The player who just moved won: the opponent has no legal move."""
    REPETITION = 2
    """Fourth time of the same position: a draw."""
    PERPETUAL_CHECK_BY_MOVER = 3
    """Fourth time of the same position, and every move of the player who just moved was a check: he loses."""
    PERPETUAL_CHECK_BY_OPPONENT = 4
    """Fourth time of the same position, and every move of the opponent was a check: the player who just moved wins."""
    DECLARATION = 5
    """The player now to move meets the 27-point declaration: the player who just moved loses."""
    MAX_PLIES = 6
    """The game was cut off at the cap on plies: no result, not a draw."""
    RESIGNATION = 7
    """The player to move gave the game up in place of the ply: he loses. No rule ends a game so; self-play may."""

    @property
    def points(self) -> float:
        """Points of the player who just moved: 1 for a win, 0 for a loss, 1/2 for a draw or a game cut off."""
        return {
            Ending.MATE: 1.0,
            Ending.PERPETUAL_CHECK_BY_MOVER: 0.0,
            Ending.PERPETUAL_CHECK_BY_OPPONENT: 1.0,
            Ending.DECLARATION: 0.0,
            Ending.RESIGNATION: 0.0,
        }.get(self, 0.5)

    @property
    def is_decisive(self) -> bool:
        """True where one player won."""
        return self.points != 0.5
