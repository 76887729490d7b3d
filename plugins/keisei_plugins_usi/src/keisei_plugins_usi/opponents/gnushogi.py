"""What GNU Shogi speaks behind `gnushogi -X`: moves as in USI, told one by one; it ends games by itself."""

from typing import ClassVar, Final

from keisei_core.arena import FollowedGame
from keisei_plugins_usi.opponents.dialect import Dialect

NAME: Final = "GNU Shogi"
MOVE: Final = ". ... "
"""Stands in a line that tells a move of the engine: `12. ... 3c3d 298490`."""
OVER: Final = ("Illegal", "Black ", "White ", "Draw", "Game over")


class GnuShogi(Dialect):
    """Speaks GNU Shogi's own protocol."""

    answers: ClassVar = (NAME, *"0123456789", *OVER)
    plays_one_game = True

    def greet(self) -> str:
        """Waits for the greeting; see `Dialect`."""
        return self.process.wait_for(lambda line: line.startswith(NAME), self.table.start_timeout, NAME)

    def begin(self) -> None:
        """Begins a game; see `Dialect`."""
        self._num_told, self._is_forced = 0, True
        for line in ("depth", str(self.table.limits.get("depth", 1)), "book", "force"):
            self.send(line)

    def move(self, game: FollowedGame) -> str:
        """Asks for a move; see `Dialect`."""
        self.require_start(game)
        untold = game.moves[self._num_told :]
        if len(untold) != 1 and not self._is_forced:  # else it would answer the first of them
            self.send("force")
            self._is_forced = True
        for move in untold:
            self.send(move)
        if self._is_forced:
            self.send("go")
            self._is_forced = False
        line = self.process.wait_for(
            lambda line: MOVE in line or line.startswith(OVER), self.table.move_timeout, "move"
        )
        self._num_told = len(game.moves) + 1
        return line.split()[2].replace("'", "*") if MOVE in line else line

    def over(self, points: float) -> None:
        """Tells nothing: the process ends with its game."""
