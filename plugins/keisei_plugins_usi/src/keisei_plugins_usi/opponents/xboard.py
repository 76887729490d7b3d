"""XBoard's protocol, which engines of many variants speak: files a to i from the left, ranks 9 to 1 from the top."""

from typing import ClassVar, Final

from keisei_core.arena import FollowedGame
from keisei_plugins_usi.opponents.dialect import RESIGNS, Dialect
from keisei_plugins_usi.opponents.engine_table import OptionValue

LETTERS: Final = "abcdefghi"
DONE: Final = "done=1"
OVER: Final = ("1-0", "0-1", "1/2-1/2", "resign", "tellics resign")
FAILED: Final = ("Illegal", "Error")
SECONDS: Final = 60
"""Of a move where no limit is a time."""


class XBoard(Dialect):
    """Speaks XBoard; the moves of a game are told one by one."""

    answers: ClassVar = ("feature ", "move ", *OVER, *FAILED)
    plays_one_game = True  # many engines of this kind can't begin again (`reuse=0`)

    def greet(self) -> str:
        """Greets the engine; see `Dialect`."""
        name = ""

        def is_last(line: str) -> bool:
            nonlocal name
            if 'myname="' in line:
                name = line.split('myname="')[1].split('"')[0]
            return DONE in line

        self.send("xboard")
        self.send("protover 2")
        self.process.wait_for(is_last, self.table.start_timeout, f"feature {DONE}")
        return name

    def begin(self) -> None:
        """Begins a game; see `Dialect`."""
        limits, self._num_told = self.table.limits, 0
        depth = [f"sd {limits['depth']}"] if "depth" in limits else []
        seconds = max(1, limits["movetime"] // 1_000) if "movetime" in limits else SECONDS
        options = [f"option {name}={_value(value)}" for name, value in self.table.options.items()]
        for line in ("new", "variant shogi", *options, "easy", *depth, f"st {seconds}", "force"):
            self.send(line)

    def move(self, game: FollowedGame) -> str:
        """Asks for a move; see `Dialect`."""
        self.require_start(game)
        self.send("force")
        for move in game.moves[self._num_told :]:
            self.send(f"usermove {from_usi(move)}")
        self.process.forget_answers()
        self.send("go")
        line = self.process.wait_for(lambda line: line.startswith(self.answers[1:]), self.table.move_timeout, "move")
        self._num_told = len(game.moves) + 1
        if line.startswith("move "):
            return to_usi(line.removeprefix("move ").strip())
        return RESIGNS if line.startswith(("resign", "tellics resign")) else line

    def over(self, points: float) -> None:
        """Tells nothing: the process ends with its game."""


def from_usi(move: str) -> str:
    """Writes a move of USI as XBoard does: `P*5e` is `P@e5`, `2g2f` is `h3h4`."""
    if move[1] == "*":
        return f"{move[0]}@{_square(move[2:4])}"
    return f"{_square(move[:2])}{_square(move[2:4])}{move[4:]}"


def to_usi(move: str) -> str:
    """Writes a move of XBoard as USI does; what is none as it stands."""
    try:
        if move[1] in "@*":
            return f"{move[0].upper()}*{_usi_square(move[2:4])}"
        return f"{_usi_square(move[:2])}{_usi_square(move[2:4])}{'+' if move.endswith('+') else ''}"
    except (ValueError, IndexError):
        return move


def _square(usi: str) -> str:
    return f"{LETTERS[9 - int(usi[0])]}{9 - LETTERS.index(usi[1])}"


def _usi_square(square: str) -> str:
    return f"{9 - LETTERS.index(square[0])}{LETTERS[9 - int(square[1])]}"


def _value(value: OptionValue) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
