"""Positions in SFEN and squares in USI taken apart, for formats that write them otherwise."""

import re
from typing import Final

HAND_ORDER: Final = "RBGSNLP"


def ranks(sfen: str) -> list[list[str]]:
    """Returns the nine ranks from the top, nine squares each from file 9 on: `P`, `+r`, empty text for no piece."""
    spread = re.sub(r"\d", lambda digit: "." * int(digit[0]), sfen.split()[0])
    return [[piece.strip(".") for piece in re.findall(r"\+?[A-Za-z.]", rank)] for rank in spread.split("/")]


def hands(sfen: str) -> tuple[dict[str, int], dict[str, int]]:
    """Returns how many pieces of each kind Black and White hold, in `HAND_ORDER`; those not held are absent."""
    counts = {letter: int(count or 1) for count, letter in re.findall(r"(\d*)([A-Za-z])", sfen.split()[2])}
    black = {kind: counts[kind] for kind in HAND_ORDER if kind in counts}
    return black, {kind: counts[kind.lower()] for kind in HAND_ORDER if kind.lower() in counts}


def file_and_rank(square: str) -> tuple[int, int]:
    """Returns the numbers of a square, 7 and 7 of `7g`."""
    return int(square[0]), "abcdefghi".index(square[1]) + 1
