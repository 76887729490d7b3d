"""What every protocol of engines comes down to: a greeting, games, moves. One object speaks to one process."""

from abc import ABC, abstractmethod
from typing import ClassVar, Final

from keisei_core.arena import FollowedGame, ForfeitKind
from keisei_core.shogi import START_SFEN
from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.process import EngineFaultError, EngineProcess

RESIGNS: Final = "resign"


class Dialect(ABC):
    """Speaks to an engine that has been started."""

    plays_one_game: bool = False
    """Each game needs a process of its own."""
    answers: ClassVar[tuple[str, ...]]
    """How lines of stdout begin that are waited for; all others are only kept as last words."""

    def __init__(self, process: EngineProcess, table: EngineTable) -> None:
        self.process, self.table = process, table

    def send(self, line: str) -> None:
        """Sends a line; raises as `EngineProcess.send`."""
        self.process.send(line, self.table.move_timeout)

    def require_start(self, game: FollowedGame) -> None:
        """Refuses a game from elsewhere than the start position, where a protocol tells of moves alone.

        Raises:
            EngineFaultError: it is one.
        """
        if game.start != START_SFEN:
            raise EngineFaultError(ForfeitKind.ILLEGAL_MOVE, f"can't be told of a game from sfen {game.start}")

    @abstractmethod
    def greet(self) -> str:
        """Makes the engine ready within its `start_timeout` and returns what it calls itself.

        Raises:
            EngineFaultError: it does not become ready.
            ConfigError: it lacks an option.
        """

    @abstractmethod
    def begin(self) -> None:
        """Begins a game; raises `EngineFaultError`."""

    @abstractmethod
    def move(self, game: FollowedGame) -> str:
        """Returns what the engine plays, within its `move_timeout`: a move in USI, `RESIGNS`, or anything.

        Raises:
            EngineFaultError: it is gone or silent.
        """

    @abstractmethod
    def over(self, points: float) -> None:
        """Tells the engine that its game is over, and what it got; raises `EngineFaultError`."""
