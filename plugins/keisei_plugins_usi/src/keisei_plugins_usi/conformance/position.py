"""A position as a client sends it, and what the rules say of it; rsshogi's boards are the judge."""

from typing import TYPE_CHECKING, Final, Self

import attrs

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_plugins_usi.conformance.verdict import WrongError

if TYPE_CHECKING:
    from rsshogi.core import Board

START: Final = NAMED_STARTS["startpos"]
NO_MOVES: Final = ("resign", "win")


@attrs.frozen
class Position:
    """A position and the words that an engine is told it with."""

    sfen: str = START
    """The start, in four parts."""
    moves: tuple[str, ...] = ()
    command: str = ""
    """What is sent where it is not written the usual way."""

    @classmethod
    def after(cls, *moves: str, sfen: str = START) -> Self:
        """Returns the position after moves."""
        return cls(sfen, moves)

    def text(self) -> str:
        """Returns the command."""
        start = "startpos" if self.sfen == START else f"sfen {self.sfen}"
        return self.command or f"position {start}" + (" moves " + " ".join(self.moves) if self.moves else "")

    def then(self, *moves: str) -> Self:
        """Returns the position after further moves."""
        return attrs.evolve(self, moves=(*self.moves, *moves), command="")

    def board(self) -> "Board":
        """Returns the position as a board of rsshogi."""
        from rsshogi.core import Board  # loads numpy

        board = Board(self.sfen)
        for move in self.moves:
            board.push_usi(move)
        return board

    def legal(self) -> list[str]:
        """Returns the legal moves in USI."""
        return [move.to_usi() for move in self.board().legal_moves()]

    def is_mated(self) -> bool:
        """Tells whether the side to move has no move."""
        return not self.board().legal_moves()

    def may_declare(self) -> bool:
        """Tells whether the mover may declare a win by the 27-point rule: CSA's, as programs play it."""
        from rsshogi.core import Color

        board = self.board()
        is_black = board.turn == Color.BLACK
        zone, needed = ("abc", 28) if is_black else ("ghi", 27)
        own = [(str(square), str(piece)) for square, piece in board.iter_pieces() if str(piece).isupper() == is_black]
        inside = [piece.upper() for square, piece in own if square[1] in zone]
        others = [piece for piece in inside if piece != "K"]
        hand = [kind for kind, count in board.hand_counts(board.turn).items() for _ in range(count)]
        points = sum(5 if piece[-1] in "RB" else 1 for piece in (*others, *hand))
        return not board.is_in_check() and "K" in inside and len(others) >= 10 and points >= needed

    def first_illegal(self, line: tuple[str, ...]) -> str:
        """Returns the first move of a line that can't be played; empty where all can."""
        from rsshogi.core import Move

        board = self.board()
        for move in line:
            try:
                is_legal = board.is_legal_move(Move.from_usi(move))
            except ValueError:
                is_legal = False
            if not is_legal:
                return move
            board.push_usi(move)
        return ""

    def require_answer(self, move: str) -> None:
        """Refuses what is no move, resignation or declaration here.

        Raises:
            WrongError: says what it is instead.
        """
        if move == "win" and not self.may_declare():
            raise WrongError("bestmove win, though the 27-point rule does not hold")
        if move not in NO_MOVES and self.first_illegal((move,)):
            raise WrongError(f"bestmove {move}, which is no legal move of {self.text()!r}")
