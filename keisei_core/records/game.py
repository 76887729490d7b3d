"""One game, replayed: whatever a games file says, its moves can be played and its winner can have won."""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final, Self

import attrs
from rsshogi.core import Board, Color, Move

from keisei_core.errors import ConfigError
from keisei_core.records.endings import ENDINGS, GOES_ON, MOVER, WAITER, EndingText
from keisei_core.shown import shown

TEXTS: Final = ("sfen", "ending", "winner")
PLAYERS: Final = ("black", "white")
CHECKPOINTS: Final = "checkpoints"


@attrs.frozen(kw_only=True)
class Ply:
    """A move, with what a board tells of it."""

    is_black: bool
    piece: str
    """As SFEN writes it for Black, before the move: `P`, `+R`."""
    origin: str
    """A square in USI, `7g`; empty for a drop."""
    target: str
    promotes: bool


@attrs.frozen(kw_only=True)
class Game:
    """One game of a games file."""

    sfen: str
    """The start with its move number, as rsshogi writes it."""
    moves: tuple[str, ...]
    """In USI."""
    ending: str
    winner: str
    black: str = ""
    white: str = ""
    """Names of the players as the file has them; both are empty where it has none."""
    first: str = ""
    """black or white: of a match, whom its score speaks of, in a run the trained network; empty of self-play."""
    match: str = ""
    """Of a run's match, why it was played: training, best, last or rung."""
    update: int | None = None
    """Of a run, after which update the game ended."""
    values: tuple[float | None, ...] = ()
    """The expected result for the side that moves by ply, as its player saw it, where it told one."""

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> Self:
        """Takes a game from a line of a games file; it is replayed only where it is written.

        Raises:
            ConfigError: something is missing or is no text.
        """
        players = [name for name in PLAYERS if name in record]
        wrong = [name for name in (*TEXTS, *players) if not isinstance(record.get(name), str)]
        if not isinstance(moves := record.get("moves"), list) or not all(isinstance(move, str) for move in moves):
            wrong.append("moves")
        if len(players) == 1:
            wrong += [name for name in PLAYERS if name not in record]
        if wrong:
            raise ConfigError([f"expected a game with sfen, moves, ending and winner, got none of: {', '.join(wrong)}"])
        texts = {name: record[name] for name in (*TEXTS, *players)}
        return cls(moves=tuple(record["moves"]), **texts, **_told(record))

    @property
    def is_lost(self) -> bool:
        """True where the player lost of whom the match's score speaks."""
        return self.first in PLAYERS and self.winner not in ("", self.first)

    @property
    def first_begins(self) -> bool:
        """True where the player of whom the match's score speaks is to move at the start."""
        return (self.first == "black") == (self.start.split()[1] == "b")

    @property
    def event(self) -> str:
        """Where the game belongs, e.g. `match, rung, update 46`; empty where the file does not tell."""
        kind = "self-play" if not self.first else ", ".join(("match", *([self.match] if self.match else [])))
        return f"{kind}, update {self.update}" if self.update is not None else kind if self.first else ""

    @property
    def names(self) -> tuple[str, str]:
        """Black's and White's names without the paths of networks; empty where there are none."""
        return short_name(self.black), short_name(self.white)

    @property
    def number(self) -> int:
        """The number of the first move."""
        return max(int(self.start.split()[3]), 1)

    @property
    def start(self) -> str:
        """The start as SFEN of four parts.

        Raises:
            ConfigError: it is no position.
        """
        return str(self._board().to_sfen())

    @property
    def end(self) -> str:
        """The position after the last move, as SFEN.

        Raises:
            ConfigError: a move can't be played.
        """
        board = self._board()
        for number, usi in enumerate(self.moves, self.number):
            if _legal_move(board, usi) is None:
                raise _illegal(board, usi, number)
            board.push_usi(usi)
        return str(board.to_sfen())

    @property
    def black_is_mover(self) -> bool:
        """True where Black is to move after the last ply."""
        return (self.start.split()[1] == "b") == (len(self.moves) % 2 == 0)

    @property
    def ending_text(self) -> EndingText:
        """How the game ended, in words of KIF and CSA; an ending of another name is a game broken off."""
        return ENDINGS.get(self.ending, ENDINGS[GOES_ON])

    @property
    def ending_name(self) -> str:
        """How the game ended, in English words."""
        return "cut off" if self.ending == "max_plies" else self.ending.replace("_", " ")

    def plies(self) -> Iterator[Ply]:
        """Replays the game.

        Raises:
            ConfigError: it can't have gone so: a move is illegal, or the winner can't have won.
        """
        self._require_winner()
        board = self._board()
        for number, usi in enumerate(self.moves, self.number):
            move = _legal_move(board, usi)
            if move is None:
                raise _illegal(board, usi, number)
            yield _ply(board, move)
            board.push_usi(usi)
        if self.ending == "mate" and board.legal_moves():
            raise ConfigError([f"expected a game that ends in mate, got one that goes on in sfen {board.to_sfen()!r}"])

    def _board(self) -> Board:
        """Returns the start.

        Raises:
            ConfigError: it is no position.
        """
        try:
            board = Board(self.sfen)
            board.validate()
        except ValueError as error:
            raise ConfigError([f"expected a start in SFEN, got {self.sfen!r} ({error})"]) from error
        return board

    def _require_winner(self) -> None:
        """Refuses what can't have ended so.

        Raises:
            ConfigError: names ending and winner.
        """
        black, white = (MOVER, WAITER) if self.black_is_mover else (WAITER, MOVER)
        colours = {black: "black", white: "white", "": ""}
        expected = colours[self.ending_text.winner]
        if self.winner != expected:
            told = f"a game that ends by {shown(self.ending) or 'none'} after {len(self.moves)} plies"
            raise ConfigError([f"expected {expected!r} as winner of {told}, got {self.winner!r}"])


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what a line may tell beside the game, as far as it is what it should be: other programs write files."""
    told: dict[str, Any] = {
        name: shown(record[name]) for name in ("first", "match") if isinstance(record.get(name), str)
    }
    if isinstance(update := record.get("update"), int):
        told["update"] = update
    if isinstance(values := record.get("values"), list) and all(_is_value(value) for value in values):
        told["values"] = tuple(values)
    return told


def _is_value(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def short_name(player: str) -> str:
    """Returns a player's text with the paths in it cut to what tells networks apart, and nothing that is not printed.

    For instance `runs/a/checkpoints/update-000046:temperature=0.5 @704549185b44` is
    `a update-000046:temperature=0.5 @704549185b44`.
    """
    words = re.split(r"([:=,]| @)", player)
    return shown("".join(_without_folders(word) if "/" in word else word for word in words)).strip()


def _without_folders(path: str) -> str:
    parts = PurePosixPath(path).parts
    if len(parts) > 2 and parts[-2] == CHECKPOINTS:
        return f"{parts[-3]} {parts[-1]}"
    return parts[-1].strip("/")


def _illegal(board: Board, usi: str, number: int) -> ConfigError:
    return ConfigError([f"expected legal moves, got {usi!r} as move {number} in sfen {board.to_sfen()!r}"])


def _legal_move(board: Board, usi: str) -> Move | None:
    try:
        move = Move.from_usi(usi)
        return move if board.is_legal_move(move) else None
    except ValueError:
        return None


def _ply(board: Board, move: Move) -> Ply:
    origin = "" if move.is_drop() else str(move.from_sq)
    piece = str(move.dropped_piece_type if move.is_drop() else board.piece_on(move.from_sq))
    return Ply(
        is_black=board.turn == Color.BLACK,
        piece=piece.upper(),
        origin=origin,
        target=str(move.to_sq),
        promotes=move.is_promotion(),
    )
