"""USI, as most Shogi engines speak it; some write drops otherwise."""

from typing import ClassVar, Final

from keisei_core.arena import FollowedGame
from keisei_core.config.wording import did_you_mean
from keisei_core.errors import ConfigError
from keisei_core.shogi import START_SFEN
from keisei_plugins_usi.opponents.dialect import Dialect

TAKEN_ANYWAY: Final = ("USI_Hash", "USI_Ponder")
"""Options that an engine takes whether it tells of them or not."""
RESULTS: Final = {1.0: "win", 0.0: "lose"}


class Usi(Dialect):
    """Speaks USI."""

    answers: ClassVar = ("id name ", "option name ", "usiok", "readyok", "bestmove")

    def greet(self) -> str:
        """Greets the engine; see `Dialect`."""
        name, kinds = "", dict.fromkeys(TAKEN_ANYWAY, "")
        self.send("usi")

        def is_last(line: str) -> bool:
            nonlocal name
            if line.startswith("id name "):
                name = line.removeprefix("id name ").strip()
            if line.startswith("option name "):
                option, _, rest = line.removeprefix("option name ").partition(" type ")
                kinds[option] = (rest.split() or [""])[0]
            return line == "usiok"

        self.process.wait_for(is_last, self.table.start_timeout, "usiok")
        if unknown := [option for option in self.table.options if option not in kinds]:
            raise ConfigError([f"it has no option {option!r}{did_you_mean(option, kinds)}" for option in unknown])
        for option, value in self.table.options.items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            self.send(f"setoption name {option}" + ("" if kinds[option] == "button" else f" value {text}"))
        self.send("isready")
        self.process.wait_for(lambda line: line == "readyok", self.table.start_timeout, "readyok")
        return name

    def begin(self) -> None:
        """Begins a game; see `Dialect`."""
        self.send("usinewgame")

    def move(self, game: FollowedGame) -> str:
        """Asks for a move; see `Dialect`."""
        start = "startpos" if game.start == START_SFEN else f"sfen {game.start}"
        moves = [move.replace("*", self.table.drops) for move in game.moves]
        self.process.forget_answers()
        self.send(" ".join(["position", start, *(["moves", *moves] if moves else [])]))
        self.send(self._go())
        line = self.process.wait_for(lambda line: line.split()[0] == "bestmove", self.table.move_timeout, "bestmove")
        return [*line.split(), ""][1].replace(self.table.drops, "*")

    def _go(self) -> str:
        """Writes the limits; those of byoyomi need a clock without time beside them."""
        return f"go btime 0 wtime 0 {self.table.go}" if "byoyomi" in self.table.limits else f"go {self.table.go}"

    def over(self, points: float) -> None:
        """Tells of a game's end; see `Dialect`."""
        self.send(f"gameover {RESULTS.get(points, 'draw')}")
