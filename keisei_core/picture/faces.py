"""What pieces look like: Western letters, or kanji of one character each."""

from typing import Final

from keisei_core.records.kif import ON_DIAGRAMS

KANJI: Final = "kanji"
LETTERS: Final = "letters"
PIECES: Final = (LETTERS, KANJI)
"""How pieces may be drawn."""


def face(piece: str, pieces: str) -> str:
    """Returns what stands on a piece, whoever owns it.

    Args:
        piece: as SFEN writes it: `P`, `+r`.
        pieces: one of `PIECES`.
    """
    return ON_DIAGRAMS[piece.upper()] if pieces == KANJI else piece.upper()


def name_of(piece: str, pieces: str) -> str:
    """Returns a piece as text that tells whose it is: White's are lower-case letters, or kanji with a v before them."""
    if pieces == LETTERS:
        return piece.rjust(2)
    return f"{'v' if piece.islower() else ' '}{face(piece, pieces)}"
