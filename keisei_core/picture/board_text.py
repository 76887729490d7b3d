"""A position as text, for a terminal: board, hands, the square that the last move went to in brackets."""

from collections.abc import Iterator
from typing import Final

from keisei_core.picture.faces import KANJI, LETTERS, face, name_of
from keisei_core.records.diagram import file_and_rank, hands, ranks
from keisei_core.records.kif import FILES
from keisei_core.records.kif import KANJI as RANKS

EMPTY: Final = {LETTERS: " .", KANJI: " ・"}
WIDTH: Final = {LETTERS: 4, KANJI: 5}
"""Columns of a square; a kanji takes two."""


def board_text(sfen: str, last_move: str = "", pieces: str = LETTERS) -> str:
    """Draws a position in some thirteen lines, seen by Black.

    Args:
        sfen: of the position.
        last_move: in USI, which led to it; empty where none did.
        pieces: one of `PIECES`.
    """
    return "\n".join(_lines(sfen, last_move, pieces))


def _lines(sfen: str, last_move: str, pieces: str) -> Iterator[str]:
    black, white = (_hand(hand, pieces) for hand in hands(sfen))
    marked = file_and_rank(last_move[2:4]) if last_move else None
    edge = f"+{'-' * 9 * WIDTH[pieces]}+"
    yield f"White in hand: {white}"
    yield f" {''.join(f'  {file if pieces == LETTERS else FILES[file]} ' for file in range(9, 0, -1))}".rstrip()
    yield edge
    for rank, squares in enumerate(ranks(sfen), 1):
        cells = (
            _cell(piece, (file, rank) == marked, pieces) for file, piece in zip(range(9, 0, -1), squares, strict=True)
        )
        yield f"|{''.join(cells)}|{'abcdefghi'[rank - 1] if pieces == LETTERS else RANKS[rank]}"
    yield edge
    yield f"Black in hand: {black}"


def _cell(piece: str, is_marked: bool, pieces: str) -> str:
    left, right = "[]" if is_marked else "  "
    return f"{left}{name_of(piece, pieces) if piece else EMPTY[pieces]}{right}"


def _hand(hand: dict[str, int], pieces: str) -> str:
    told = (face(kind, pieces) + (f" x {count}" if count > 1 else "") for kind, count in hand.items())
    return ", ".join(told) or "nothing"
