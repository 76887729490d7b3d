"""Numbers of positions below a position. KEISEI_PERFT_LEAVES sets the largest number counted (1,000,000 if not set)."""

import os
import tomllib
from pathlib import Path

import cshogi
import pytest
from rsshogi.core import Board

from keisei_core.shogi import START_SFEN, parse_sfen, perft

MAX_LEAVES = int(os.environ.get("KEISEI_PERFT_LEAVES", "1000000"))
TABLE = tomllib.loads((Path(__file__).parent / "perft.toml").read_text(encoding="utf-8"))["positions"]
ROWS = [
    pytest.param(row["sfen"], depth, leaves, id=f"{row['name']}-{depth}")
    for row in TABLE
    for depth, leaves in enumerate(row["leaves"], start=1)
    if leaves <= MAX_LEAVES
]


@pytest.mark.parametrize(("sfen", "depth", "leaves"), ROWS)
def test_perft_has_the_recorded_number_of_leaves(sfen: str, depth: int, leaves: int) -> None:
    assert perft(parse_sfen(sfen), depth) == leaves


@pytest.mark.parametrize("sfen", [row["sfen"] for row in TABLE], ids=[row["name"] for row in TABLE])
def test_recorded_leaves_at_two_plies_are_those_of_both_libraries(sfen: str) -> None:
    recorded = next(row["leaves"][1] for row in TABLE if row["sfen"] == sfen)
    board, second = Board(sfen), cshogi.Board(sfen)
    by_rsshogi = by_cshogi = 0
    for move in board.legal_moves():
        board.apply_move(move)
        by_rsshogi += len(board.legal_moves())
        board.undo_move(move)
    for number in second.legal_moves:
        second.push(number)
        by_cshogi += len(second.legal_moves)
        second.pop()
    assert recorded == by_rsshogi == by_cshogi


def test_perft_of_depth_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="depth must be >= 1, got 0"):
        perft(parse_sfen(START_SFEN), 0)
