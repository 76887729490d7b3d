"""The order in which planes name pieces: P L N S G B R K, which is not the order the positions store them in."""

from typing import Final

import numpy as np

from keisei_core.shogi.positions import HAND_LETTERS, OPPONENT, PIECE_LETTERS

BOARD_WORDS: Final = {
    "P": "pawn",
    "L": "lance",
    "N": "knight",
    "S": "silver",
    "G": "gold",
    "B": "bishop",
    "R": "rook",
    "K": "king",
    "+P": "promoted_pawn",
    "+L": "promoted_lance",
    "+N": "promoted_knight",
    "+S": "promoted_silver",
    "+B": "promoted_bishop",
    "+R": "promoted_rook",
}
"""Letters of the pieces on the board, with the words of their channels, in the order of the planes."""

MOST_IN_HAND: Final = {"P": 18, "L": 4, "N": 4, "S": 4, "G": 4, "B": 2, "R": 2}
"""Letters of the pieces in hand, with how many there are in the game, in the order of the planes."""

SIDES: Final = ("own", "opponent")

_OWN_CODES: Final = [PIECE_LETTERS.index(letter) for letter in BOARD_WORDS]

PIECE_CODES: Final = np.array(_OWN_CODES + [code + OPPONENT for code in _OWN_CODES], np.uint8)
"""uint8 [28], the piece code that each of the first 28 planes of core46 shows."""

HAND_KINDS: Final = np.array([HAND_LETTERS.index(letter) for letter in MOST_IN_HAND], np.uint8)
"""uint8 [7], column of `Positions.hands` for each kind in the order of the planes."""
