"""Counts the positions of tests/shogi/perft.toml and compares them with the recorded numbers.

    python benchmarks/perft.py [--leaves 100000000] [--confirm]

`--confirm` counts with rsshogi and cshogi too (40 seconds for all). Exits with 1 if a number differs.
"""

import argparse
import sys
import time
import tomllib
from pathlib import Path

import cshogi
from rsshogi.core import Board

from keisei_core.shogi import parse_sfen, perft

TABLE = Path(__file__).parent.parent / "tests" / "shogi" / "perft.toml"


def perft_rsshogi(board: Board, depth: int) -> int:
    """Counts with rsshogi."""
    moves = board.legal_moves()
    if depth == 1:
        return len(moves)
    total = 0
    for move in moves:
        board.apply_move(move)
        total += perft_rsshogi(board, depth - 1)
        board.undo_move(move)
    return total


def perft_cshogi(board: cshogi.Board, depth: int) -> int:
    """Counts with cshogi."""
    moves = board.legal_moves
    if depth == 1:
        return len(moves)
    total = 0
    for move in moves:
        board.push(move)
        total += perft_cshogi(board, depth - 1)
        board.pop()
    return total


def count(sfen: str, depth: int, confirm: bool) -> dict[str, int]:
    """Counts with Keisei, and with both libraries if asked."""
    numbers = {"keisei": perft(parse_sfen(sfen), depth)}
    if confirm:
        numbers |= {"rsshogi": perft_rsshogi(Board(sfen), depth), "cshogi": perft_cshogi(cshogi.Board(sfen), depth)}
    return numbers


def main() -> int:
    """Counts all positions to the depth asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--leaves", type=int, default=100_000_000, help="largest number to count (100,000,000)")
    parser.add_argument("--confirm", action="store_true", help="count with rsshogi and cshogi too")
    arguments = parser.parse_args()
    differ = 0
    print("| position | depth | leaves | counted by | seconds | |\n|---|---|---|---|---|---|")
    for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["positions"]:
        for depth, leaves in enumerate(row["leaves"], start=1):
            if leaves > arguments.leaves:
                continue
            started = time.perf_counter()
            numbers = count(row["sfen"], depth, arguments.confirm)
            is_equal = set(numbers.values()) == {leaves}
            differ += not is_equal
            seconds = time.perf_counter() - started
            verdict = "equal" if is_equal else f"DIFFERS: {numbers}"
            print(
                f"| {row['name']} | {depth} | {leaves:,} | {', '.join(numbers)} | {seconds:.2f} | {verdict} |",
                flush=True,
            )
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
