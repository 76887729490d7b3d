"""A picture of one position, which notebooks show by themselves."""

import re
from collections.abc import Iterable
from typing import Any, Final

import attrs
from rsshogi.core import Board

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError, SfenError
from keisei_core.picture.board_svg import board_svg
from keisei_core.picture.board_text import board_text
from keisei_core.picture.faces import KANJI, LETTERS, PIECES

USI_MOVE: Final = re.compile(r"([1-9][a-i]|[PLNSGBR]\*)[1-9][a-i]\+?")


def _sfen(text: str) -> str:
    """Returns the position that a text means, as rsshogi writes it.

    Raises:
        SfenError: it means none.
    """
    text = NAMED_STARTS.get(text, text)
    try:
        return str(Board(text).to_sfen())
    except ValueError as error:
        raise SfenError(f"expected a position in SFEN or the name of a start, got {text!r} ({error})") from error


def _pairs(moves: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(moves)


def _is_move(_: Any, field: "attrs.Attribute[str]", move: str) -> None:
    """Refuses what is no move in USI; whether it can be played is not asked.

    Raises:
        ConfigError: it is none.
    """
    if move and (not USI_MOVE.fullmatch(move) or move[:2] == move[2:4]):
        raise ConfigError([f"{field.name}: expected a move in USI, 7g7f or P*5e, got {move!r}"])


def _are_moves(picture: Any, field: "attrs.Attribute[Any]", moves: tuple[tuple[str, float], ...]) -> None:
    for move, _ in moves:
        _is_move(picture, field, move)


@attrs.frozen
class Picture:
    """A position, the move that led there, and moves that may follow.

    The last value of a cell in a notebook is shown as SVG; `str` of it is text.
    """

    sfen: str = attrs.field(converter=_sfen)
    """SFEN, or the name of a start position."""
    last_move: str = attrs.field(default="", validator=_is_move)
    """In USI, marked on the board; empty where there is none."""
    moves: tuple[tuple[str, float], ...] = attrs.field(default=(), converter=_pairs, validator=_are_moves)
    """Moves in USI with their probabilities, drawn as arrows, drops as pieces."""
    caption: str = attrs.field(default="", kw_only=True)
    """A line below the board."""
    pieces: str = attrs.field(default=KANJI, validator=attrs.validators.in_(PIECES), kw_only=True)
    """One of `PIECES`: what is drawn on pieces."""

    def svg(self) -> str:
        """Returns the picture as an SVG document that needs no other file."""
        return board_svg(self.sfen, self.last_move, self.moves, self.caption, self.pieces)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __str__(self) -> str:
        return board_text(self.sfen, self.last_move, LETTERS)
