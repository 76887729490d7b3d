"""A position as a user writes it: SFEN, the name of a start, moves from either; brought to where it stands."""

from typing import Final, Self

import attrs
import numpy as np

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError, IllegalMoveError
from keisei_core.picture.picture import USI_MOVE
from keisei_core.shogi import Branches, Ending, Games, Positions, Starts, legal_mask, parse_sfen, usi_to_action
from keisei_core.shogi.games import MAX_MAX_PLIES

STARTPOS: Final = "startpos"
MOVES: Final = "moves"
SHORT: Final = {1: "{} b -", 2: "{} -"}
"""How SFEN is completed that has so many parts: Black to move, nothing in hand."""


@attrs.frozen(eq=False, kw_only=True)
class Standing:
    """One position of a game, with what is known of its past."""

    position: Positions
    """One."""
    past: Branches | None
    """One branch of the game; None where the game has ended."""
    ending: Ending
    """`NONE` where the game goes on."""
    last_move: str
    """In USI; empty where none is known."""


@attrs.frozen(eq=False, kw_only=True)
class WrittenPosition:
    """Where a game began, and moves from there."""

    start: Positions
    """One."""
    moves: tuple[str, ...]
    """In USI."""

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads what USI, SFEN and people write.

        Args:
            text: SFEN, whose last parts may be missing; `startpos` or the name of a handicap; either with `moves`
                and moves behind; moves alone, from the start position; with or without the word `position` before.

        Raises:
            SfenError: the start is no position.
        """
        words = text.split()
        if words[:1] == ["position"]:
            words = words[1:]
        if words and all(map(USI_MOVE.fullmatch, words)):
            words = [MOVES, *words]
        end = words.index(MOVES) if MOVES in words else len(words)
        start = " ".join(words[:end]).removeprefix("sfen ") or STARTPOS
        start = NAMED_STARTS.get(start, start)
        start = SHORT.get(len(start.split()), "{}").format(start)
        return cls(start=parse_sfen(start), moves=tuple(words[end + 1 :]))

    def stand(self, num_earlier: int) -> Standing:
        """Plays the moves.

        Args:
            num_earlier: positions before that are kept beside the last one.

        Raises:
            SfenError: the game can't begin there.
            ConfigError: a move is not legal, or comes after the end of the game.
        """
        if not self.moves and not legal_mask(self.start).any():
            return Standing(position=self.start, past=None, ending=Ending.MATE, last_move="")
        games = Games(1, max_plies=MAX_MAX_PLIES, starts=Starts(self.start), history=num_earlier)
        for number, usi in enumerate(self.moves, 1):
            _play(games, usi, number)
        ending = Ending(int(games.ending[0]))
        past = None if ending else Branches.of_games(games, np.array([0]))
        last_move = self.moves[-1] if self.moves else ""
        return Standing(position=games.positions, past=past, ending=ending, last_move=last_move)


def _play(games: Games, usi: str, number: int) -> None:
    """Plays one move of the only game."""
    if games.ending[0]:
        told = f"the game is over by {Ending(int(games.ending[0])).name.lower()} after {number - 1} moves"
        raise ConfigError([f"{told}, got {usi!r} after that; leave out what follows, or write the position as SFEN"])
    try:
        action = usi_to_action(games.positions, usi)
    except IllegalMoveError as error:
        raise ConfigError([f"move {number}: {error}"]) from error
    games.step(np.array([action], np.int32), reset=False)


def read_position(text: str, num_earlier: int = 0) -> Standing:
    """Brings a written position to where it stands; see `WrittenPosition`."""
    return WrittenPosition.parse(text).stand(num_earlier)
