"""Positions as text (SFEN), in and out. One position at a time; nothing is repaired silently."""

from typing import Final

import numpy as np

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import SfenError
from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.legal import find_legal
from keisei_core.shogi.positions import (
    BLACK,
    HAND_LETTERS,
    OPPONENT,
    PIECE_LETTERS,
    WHITE,
    Positions,
    UInt8Array,
    turn_board,
)
from keisei_core.shogi.possible import MAX_IN_GAME, check_possible

START_SFEN: Final = NAMED_STARTS["startpos"]
HAND_TEXT_ORDER: Final = "RBGSNLP"
MAX_MOVE_NUMBER: Final = 65_535

_CODES: Final = {letter: code for code, letter in enumerate(PIECE_LETTERS) if letter}


def parse_sfen(sfen: str, *, is_problem: bool = False) -> Positions:
    """Reads one position; the mover's check flag is found, repetition and last moves are unknown and empty.

    Args:
        sfen: Board, side to move, hands and optionally the move number (1 if it is missing); a leading `sfen` and the
            word `startpos` are understood.
        is_problem: one of the kings may be missing, as problems to be solved by mate leave out the attacker's.

    Raises:
        SfenError: Names the part that is wrong, or why the position is impossible.
    """
    parts = sfen.split()
    if parts == ["startpos"]:
        parts = START_SFEN.split()
    if parts[:1] == ["sfen"]:
        parts = parts[1:]
    if "moves" in parts or not 3 <= len(parts) <= 4:
        expected = "expected board, side to move, hands and move number in sfen"
        raise SfenError(f"{expected}, got {len(parts)} parts: {sfen!r}{_hint(sfen)}")
    board = _parse_board(parts[0])
    side = _parse_side(parts[1])
    hands = _parse_hands(parts[2])
    positions = Positions.empty(1)
    positions.ply[0] = _parse_move_number(parts[3] if len(parts) == 4 else "1") - 1
    positions.side_to_move[0] = side
    positions.board[0] = board if side == BLACK else turn_board(board)
    positions.hands[0] = hands if side == BLACK else hands[::-1]
    check_possible(positions, lambda _: sfen, is_problem=is_problem)
    positions.in_check[:] = find_legal(positions, np.empty((1, NUM_ACTIONS), np.uint8))[1]
    return positions


def format_sfen(positions: Positions, row: int = 0) -> str:
    """Writes the position in `row` as SFEN, with the move number `ply + 1`."""
    side = int(positions.side_to_move[row])
    board, hands = positions.board[row], positions.hands[row]
    if side == WHITE:
        board, hands = turn_board(board), hands[::-1]
    text = "/".join(_format_rank(board.reshape(9, 9)[::-1, rank]) for rank in range(9))
    return f"{text} {'bw'[side]} {_format_hands(hands)} {int(positions.ply[row]) + 1}"


def _hint(sfen: str) -> str:
    """Says what a text is that is a position in another form; empty where it is none."""
    words = sfen.split()
    if "moves" in words:
        return "; moves are no part of a position, write the one that they lead to"
    if words[:1] == ["position"]:
        return "; leave out the word position"
    return "; write spaces instead of underscores" if "_" in sfen else ""


def _parse_board(text: str) -> UInt8Array:
    ranks = text.split("/")
    if len(ranks) != 9:
        raise SfenError(f"expected 9 ranks in board part of sfen, got {len(ranks)}: {text!r}")
    board = np.zeros((9, 9), np.uint8)
    for rank, rank_text in enumerate(ranks):
        codes = _parse_rank(rank_text)
        if len(codes) != 9:
            raise SfenError(f"expected 9 files in rank {rank + 1} of sfen, got {len(codes)}: {rank_text!r}")
        board[:, rank] = codes[::-1]
    return board.reshape(81)


def _parse_rank(text: str) -> list[int]:
    codes: list[int] = []
    promotion, after_digit = "", False
    for letter in text:
        if letter == "+" and not promotion:
            promotion = letter
        elif letter in "123456789" and not promotion and not after_digit:
            codes += [0] * int(letter)
        elif letter.isascii() and (code := _CODES.get(promotion + letter.upper())):
            codes.append(code if letter.isupper() else code + OPPONENT)
            promotion = ""
        else:
            got = f"{promotion + letter!r}{' after another count' if after_digit else ''}"
            raise SfenError(f"expected a piece letter or 1 to 9 in board part of sfen, got {got}: {text!r}")
        after_digit = letter in "123456789"
    if promotion:
        raise SfenError(f"expected a piece letter after '+' in board part of sfen, got the end of the rank: {text!r}")
    return codes


def _parse_side(text: str) -> int:
    if text not in ("b", "w"):
        raise SfenError(f"expected 'b' or 'w' as side to move in sfen, got {text!r}")
    return "bw".index(text)


def _parse_hands(text: str) -> UInt8Array:
    """Reads the pieces of both hands; what is written of a kind in several places is summed."""
    hands = np.zeros((2, len(HAND_LETTERS)), np.uint8)
    if text == "-":
        return hands
    count = ""
    for letter in text:
        if letter in "0123456789" and (count or letter != "0"):
            count += letter
            continue
        kind = HAND_LETTERS.find(letter.upper())
        if kind < 0 or not letter.isascii():
            raise SfenError(f"expected a piece letter or a count in hands part of sfen, got {letter!r}: {text!r}")
        owner = BLACK if letter.isupper() else WHITE
        # No hand needs three digits, and Python refuses to read thousands of them.
        number = int(hands[owner, kind]) + int(count[:3] or "1")
        if number > MAX_IN_GAME[kind]:
            expected = f"expected at most {MAX_IN_GAME[kind]} {letter!r} in hands part of sfen"
            raise SfenError(f"{expected}, got {count[:20] if len(count) > 2 else number}: {text[:200]!r}")
        hands[owner, kind] = number
        count = ""
    if count or not text:
        raise SfenError(f"expected a piece letter after the count in hands part of sfen, got the end: {text!r}")
    return hands


def _parse_move_number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= MAX_MOVE_NUMBER):
        raise SfenError(f"expected a move number from 1 to {MAX_MOVE_NUMBER} in sfen, got {text!r}")
    return int(text)


def _format_rank(codes: UInt8Array) -> str:
    text, gap = "", 0
    for code in map(int, codes):
        if code == 0:
            gap += 1
            continue
        letter = PIECE_LETTERS[code] if code <= OPPONENT else PIECE_LETTERS[code - OPPONENT].lower()
        text += (str(gap) if gap else "") + letter
        gap = 0
    return text + (str(gap) if gap else "")


def _format_hands(hands: UInt8Array) -> str:
    text = ""
    for owner in (BLACK, WHITE):
        for letter in HAND_TEXT_ORDER:
            count = int(hands[owner, HAND_LETTERS.index(letter)])
            if count:
                text += (str(count) if count > 1 else "") + (letter if owner == BLACK else letter.lower())
    return text or "-"
