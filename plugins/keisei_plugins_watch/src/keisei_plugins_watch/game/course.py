"""The course of a game: moves played by the core's rules, taken back, and written down."""

from typing import Final, Self

import numpy as np

from keisei_core.errors import ConfigError, IllegalMoveError
from keisei_core.opinion import Standing
from keisei_core.records import Game
from keisei_core.shogi import (
    Branches,
    Ending,
    Games,
    Positions,
    Starts,
    action_to_usi,
    format_sfen,
    usi_to_action,
)

MAX_PLIES: Final = 512
"""The ply number at which a game is cut off, as in matches."""
COLOURS: Final = ("black", "white")


class Course:
    """One game: where it began and its moves, in which the rules judge what is legal and when it is over."""

    def __init__(self, start: Positions, num_earlier: int) -> None:
        """Begins a game.

        Args:
            start: one position.
            num_earlier: positions before that are kept beside each.

        Raises:
            SfenError: no game can begin there.
        """
        self.start, self.num_earlier = start, num_earlier
        self.games = Games(1, max_plies=MAX_PLIES, starts=Starts(start), history=num_earlier)
        self.moves: list[str] = []
        self._given_up: tuple[str, str] | None = None
        """Who gave the game away, and how."""

    def up_to(self, num_moves: int) -> Self:
        """Returns the game as it was after so many moves."""
        course = type(self)(self.start, self.num_earlier)
        for usi in self.moves[:num_moves]:
            course.play(usi)
        return course

    def play(self, usi: str) -> None:
        """Plays a move.

        Raises:
            ConfigError: it is not legal, or the game is over.
        """
        if self.ending:
            raise ConfigError([f"the game is over by {self.ending}; take moves back or begin another"])
        try:
            action = usi_to_action(self.games.positions, usi)
        except IllegalMoveError as error:
            raise ConfigError([str(error)]) from error
        self.games.step(np.array([action], np.int32), reset=False)
        self.moves.append(usi)

    def give_up(self, colour: str, how: str) -> None:
        """Ends the game: a side gave it away, in one of the ways that records know."""
        self._given_up = colour, how

    @property
    def start_sfen(self) -> str:
        """The position that the game began with."""
        return str(format_sfen(self.start))

    @property
    def sfen(self) -> str:
        """The position."""
        return str(format_sfen(self.games.positions))

    @property
    def turn(self) -> str:
        """Whose move it is, one of `COLOURS`."""
        return COLOURS[int(self.games.positions.side_to_move[0])]

    def mover_at(self, ply: int) -> str:
        """Returns who is to move after so many moves."""
        return COLOURS[(int(self.start.side_to_move[0]) + ply) % 2]

    @property
    def in_check(self) -> bool:
        """Whether the king of the side to move is attacked."""
        return bool(self.games.positions.in_check[0])

    @property
    def legal(self) -> list[str]:
        """All legal moves in USI; none once the game is over."""
        if self.ending:
            return []
        return [action_to_usi(self.games.positions, int(action)) for action in np.flatnonzero(self.games.legal[0])]

    @property
    def ending(self) -> str:
        """How the game ended, as records call it; empty where it goes on."""
        if self._given_up is not None:
            return self._given_up[1]
        ending = Ending(int(self.games.ending[0]))
        return ending.name.lower() if ending else ""

    @property
    def winner(self) -> str:
        """Who won, one of `COLOURS`; empty where nobody did."""
        waiter = COLOURS[1 - COLOURS.index(self.turn)]
        if self._given_up is not None:
            return COLOURS[1 - COLOURS.index(self._given_up[0])]
        ending = Ending(int(self.games.ending[0]))
        if not ending.is_decisive:
            return ""
        return waiter if ending.points == 1 else self.turn

    def standing(self) -> Standing:
        """Returns where the game stands, with its past; a copy."""
        past = Branches.of_games(self.games, np.array([0]))
        last = self.moves[-1] if self.moves else ""
        return Standing(position=past.positions, past=past, ending=Ending(int(self.games.ending[0])), last_move=last)

    def record(self, black: str, white: str) -> Game:
        """Returns the game as records have it, finished or not."""
        return Game(
            sfen=self.start_sfen,
            moves=tuple(self.moves),
            ending=self.ending or "none",
            winner=self.winner,
            black=black,
            white=white,
        )
