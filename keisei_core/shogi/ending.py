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
