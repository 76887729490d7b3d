"""Starts from a file: SFENs, and lines of moves in USI, of which the last position counts.

    startpos moves 7g7f 3c3d
    sfen lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1 moves 3c3d
    4k4/9/9/9/9/9/9/9/4K4 b R 1

Shape key: N positions.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from rsshogi.core import Board

from keisei_core.errors import ConfigError, SfenError
from keisei_core.shogi import NAMED_STARTS, Positions, StartContext, format_sfen, legal_mask, parse_sfen
from keisei_plugins_starts.options import BookOptions

MOST_TOLD: Final = 20
"""Wrong lines that are told one by one."""


class Book:
    """Draws from the file's positions, each line as likely as the others."""

    def __init__(self, context: StartContext, options: BookOptions) -> None:
        """Reads the file.

        Raises:
            ConfigError: no path is given, there is no such file, or some of its lines are wrong, each of which is told.
        """
        if not options.path:
            raise ConfigError(["start 'book': expected a path; write book:path=FILE"])
        self.positions = read_book(Path(options.path), options.plies, context.max_plies)

    def draw(self, num_positions: int, random: np.random.Generator) -> Positions:
        """Draws positions; one may come several times.

        Args:
            num_positions: N.
            random: consumed.

        Returns:
            N positions, copies.
        """
        return self.positions[random.integers(len(self.positions), size=num_positions)]


def read_book(path: Path, plies: int, max_plies: int) -> Positions:
    """Reads the position at the end of every line.

    Args:
        path: text in UTF-8; blank lines and those that begin with `#` are skipped.
        plies: how many moves of a line are played, and looked at; 0 takes all.
        max_plies: the ply number that no start may have.

    Raises:
        ConfigError: the file can't be read, has no line, or has wrong ones.
    """
    found, problems = [], []
    for number, line in _lines(path):
        try:
            found.append(_end_of(line, plies, max_plies))
        except SfenError as error:
            problems.append(f"start 'book': {path}:{number}: {error}")
    if len(problems) > MOST_TOLD:
        problems[MOST_TOLD:] = [f"start 'book': {path}: {len(problems) - MOST_TOLD} more lines are wrong"]
    if not found and not problems:
        problems = [f"start 'book': {path}: expected an SFEN or a USI line, got none in the whole file"]
    if problems:
        raise ConfigError(problems)
    return Positions.concatenate(found)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields what is neither blank nor comment, with its line number."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError([f"start 'book': {path}: can't be read: {reason}"]) from error
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, line.strip()


def _end_of(line: str, plies: int, max_plies: int) -> Positions:
    """Reads one line: where it starts, and the moves from there.

    Raises:
        SfenError: it is none, a move is not legal, or no game can start where it ends.
    """
    start, _, moves = line.removeprefix("position ").partition(" moves")
    position = parse_sfen(NAMED_STARTS.get(start.strip(), start))
    if played := moves.split()[: plies or None]:
        position = parse_sfen(_sfen_after(format_sfen(position), played))
    if int(position.ply[0]) >= max_plies:
        raise SfenError(f"expected a position before max_plies ({max_plies}), got one after {position.ply[0]} plies")
    if not legal_mask(position).any():
        raise SfenError(f"expected a position with a legal move, got {format_sfen(position)!r}")
    return position


def _sfen_after(sfen: str, moves: list[str]) -> str:
    """Plays moves, which rsshogi does a hundred times faster than searching each among the legal actions."""
    board = Board(sfen)
    for number, move in enumerate(moves, start=1):
        try:
            board.apply_usi(move)
        except ValueError as error:
            raise SfenError(
                f"expected a legal move in USI, got {move!r} as move {number} in sfen {board.to_sfen()!r}"
            ) from error
    return str(board.to_sfen())
