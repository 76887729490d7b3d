"""CSA, the format of computer tournaments, in version 3.0: the first that says its encoding and knows `%MAX_MOVES`."""

from collections.abc import Iterator
from typing import Final

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.records.diagram import file_and_rank, hands, ranks
from keisei_core.records.game import Game, Ply

PIECES: Final = dict(
    zip(
        ("P", "L", "N", "S", "G", "B", "R", "K", "+P", "+L", "+N", "+S", "+B", "+R"),
        ("FU", "KY", "KE", "GI", "KI", "KA", "HI", "OU", "TO", "NY", "NK", "NG", "UM", "RY"),
        strict=True,
    )
)
EMPTY: Final = " * "
HEAD: Final = ("'CSA encoding=UTF-8", "V3.0")


def csa_lines(game: Game) -> Iterator[str]:
    """Yields the lines of a game; the number of its first move, for which CSA has no place, stands in a comment.

    Raises:
        ConfigError: see `Game.plies`.
    """
    yield from HEAD
    yield from (f"N{sign}{name}" for sign, name in zip("+-", game.names, strict=True) if name)
    if game.event:
        yield f"$EVENT:{game.event}"
    if game.number > 1:
        yield f"'the first move is number {game.number}"
    yield from position(game.start)
    yield from map(_move, game.plies())
    yield game.ending_text.csa.replace("±", "-" if game.black_is_mover else "+")


def position(sfen: str) -> Iterator[str]:
    """Yields the lines of a position: board, hands, side to move."""
    if sfen == NAMED_STARTS["startpos"]:
        yield "PI"
    else:
        yield from (f"P{rank}{''.join(map(_square, squares))}" for rank, squares in enumerate(ranks(sfen), 1))
        for sign, hand in zip("+-", hands(sfen), strict=True):
            if hand:
                yield f"P{sign}{''.join(f'00{PIECES[kind]}' * count for kind, count in hand.items())}"
    yield "+" if sfen.split()[1] == "b" else "-"


def _square(piece: str) -> str:
    return f"{'-' if piece.islower() else '+'}{PIECES[piece.upper()]}" if piece else EMPTY


def _move(ply: Ply) -> str:
    piece = PIECES[f"+{ply.piece}" if ply.promotes else ply.piece]
    return f"{'+' if ply.is_black else '-'}{_digits(ply.origin)}{_digits(ply.target)}{piece}"


def _digits(square: str) -> str:
    """Writes a square of USI in digits, 00 for the hand."""
    return "{}{}".format(*file_and_rank(square)) if square else "00"
