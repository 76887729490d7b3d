"""One engine at its games: started when it is needed, started again for the next game where it failed in one."""

import os
import shutil
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from typing import Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import FollowedGame, Forfeit, ForfeitKind
from keisei_core.arena.followed_game import UNKNOWN
from keisei_core.errors import ConfigError, IllegalMoveError, PluginError
from keisei_core.shogi import Positions, usi_to_action
from keisei_plugins_usi.opponents.dialect import RESIGNS, Dialect
from keisei_plugins_usi.opponents.engine_table import EngineTable
from keisei_plugins_usi.opponents.gnushogi import GnuShogi
from keisei_plugins_usi.opponents.process import EngineFaultError, EngineProcess
from keisei_plugins_usi.opponents.usi import Usi
from keisei_plugins_usi.opponents.xboard import XBoard

DIALECTS: Final[Mapping[str, type[Dialect]]] = {"usi": Usi, "xboard": XBoard, "gnushogi": GnuShogi}
FAREWELL: Final = "quit"
"""The same in all protocols."""


class Engine:
    """Plays one game at a time."""

    def __init__(self, name: str, table: EngineTable) -> None:
        """Takes what it is; nothing is started.

        Args:
            name: what it is called in messages.
            table: how it is started and asked.
        """
        self.name, self.table = name, table
        self.calls_itself = ""
        """Known once it was started."""
        self._dialect: Dialect | None = None
        self._game: int | None = None

    def start(self) -> None:
        """Starts it, unless it runs.

        Raises:
            ConfigError: there is no such program, or it lacks an option.
            PluginError: it does not become ready; with its last words.
        """
        try:
            self._started()
        except EngineFaultError as fault:
            words = "".join(f"\n  | {line}" for line in fault.last_words) or " none"
            told = f"engine {self.name!r} ({' '.join(self.table.command)}): {fault}; its last words:{words}"
            raise PluginError(told) from fault

    def answer(self, game: FollowedGame, position: Positions, legal: NDArray[np.uint8]) -> int | Forfeit:
        """Asks for a move.

        Args:
            game: so far.
            position: one, where it stands.
            legal: uint8 [2187], what may be played; of a single one the engine is not asked.

        Returns:
            A legal action, or how the game is lost.
        """
        if legal.sum() == 1:
            return int(legal.argmax())
        try:
            text = self._in_game(game).move(game)
        except EngineFaultError as fault:
            return self._lost(fault)
        if text == RESIGNS:
            return Forfeit(kind=ForfeitKind.RESIGNATION)
        with suppress(IllegalMoveError):
            action = usi_to_action(position, text)
            if legal[action]:
                return action
        return self._lost(EngineFaultError(ForfeitKind.ILLEGAL_MOVE, f"played {text!r}, which is no legal move"))

    def game_over(self, game: FollowedGame, points: float) -> None:
        """Tells it how its game ended; one that fails by then has lost nothing."""
        if self._dialect is None or self._game != game.number:
            return
        self._game = None
        try:
            self._dialect.over(points)
            if self._dialect.plays_one_game:
                self.close()
        except EngineFaultError:
            self._kill()

    def close(self) -> None:
        """Lets it quit; kills it where it does not."""
        dialect, self._dialect = self._dialect, None
        if dialect is not None:
            dialect.process.close(FAREWELL)

    def _started(self) -> Dialect:
        """Returns what speaks to it, once it is ready.

        Raises:
            ConfigError: see `start`.
            EngineFaultError: it does not become ready.
        """
        if self._dialect is None:
            cls = DIALECTS[self.table.protocol]
            process = EngineProcess(self._command(), self.table.folder, cls.answers)
            with ExitStack() as undo:
                undo.callback(process.kill)
                dialect = cls(process, self.table)
                self.calls_itself = self._greeted(dialect)
                undo.pop_all()
            self._dialect, self._game = dialect, None
        return self._dialect

    def _greeted(self, dialect: Dialect) -> str:
        """Greets it, and returns what it calls itself; raises as `_started`."""
        try:
            return dialect.greet()
        except EngineFaultError as fault:
            raise EngineFaultError(fault.kind, str(fault), dialect.process.last_words) from fault
        except ConfigError as error:
            raise ConfigError([f"engine {self.name!r}: {problem}" for problem in error.problems]) from error

    def _in_game(self, game: FollowedGame) -> Dialect:
        """Returns what speaks to it, once it knows which game goes on; raises `EngineFaultError`."""
        dialect = self._started()
        if self._game == game.number != UNKNOWN:
            return dialect
        if self._game is not None and dialect.plays_one_game:
            self.close()
            dialect = self._started()
        dialect.begin()
        self._game = game.number
        return dialect

    def _command(self) -> tuple[str, ...]:
        """Returns the command, whose program and folder are there.

        Raises:
            ConfigError: it is not.
        """
        program = self.table.command[0]
        if shutil.which(program) is None:
            raise ConfigError([f"engine {self.name!r}: no program {program!r} that can be run; see its command"])
        if self.table.folder and not os.path.isdir(self.table.folder):
            raise ConfigError([f"engine {self.name!r}: its folder {self.table.folder!r} is not there"])
        return self.table.command

    def _lost(self, fault: EngineFaultError) -> Forfeit:
        """Returns the loss of a game; what is silent or dead is started again for the next one."""
        words = fault.last_words if self._dialect is None else self._dialect.process.last_words
        if fault.kind is not ForfeitKind.ILLEGAL_MOVE:
            self._kill()
        said = f"({fault})"
        return Forfeit(kind=fault.kind, last_words=words if words[-1:] == (said,) else (*words, said))

    def _kill(self) -> None:
        dialect, self._dialect = self._dialect, None
        if dialect is not None:
            dialect.process.kill()
