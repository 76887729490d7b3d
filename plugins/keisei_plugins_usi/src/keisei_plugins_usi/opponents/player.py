"""The player `usi`: engines from outside, each of which plays one game at a time."""

import weakref
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import FollowedGame, Forfeit, PlayerContext
from keisei_core.arena.followed_game import UNKNOWN
from keisei_core.shogi import Positions
from keisei_plugins_usi.opponents.engine import Engine
from keisei_plugins_usi.opponents.identity import identity
from keisei_plugins_usi.opponents.lookup import engine_of
from keisei_plugins_usi.opponents.options import UsiOptions


class UsiPlayer:
    """Plays as an engine does."""

    follows_games = True

    def __init__(self, _: PlayerContext, options: UsiOptions) -> None:
        """Starts the first engine; the others are started when there are games for them.

        Raises:
            ConfigError: there is no such engine, or its table is wrong.
            PluginError: it does not become ready.
        """
        table = engine_of(options)
        self.engines = [Engine(options.engine, table) for _ in range(table.processes)]
        self.most_at_once = table.processes
        self._plays: dict[int, Engine] = {}
        """Which engine plays a game, by its number."""
        self._finalize = weakref.finalize(self, _close, self.engines)
        self.engines[0].start()

    identity = staticmethod(identity)

    def choose(
        self, positions: Positions, legal: NDArray[np.uint8], games: Sequence[FollowedGame]
    ) -> list[int | Forfeit]:
        """Asks the engines; see `keisei_core.arena.Follower`. Those of several games think side by side."""
        rows = defaultdict[int, list[int]](list)
        for row, game in enumerate(games):
            rows[self.engines.index(self._engine_for(game, row))].append(row)
        answers: dict[int, int | Forfeit] = {}

        def ask(number: int) -> None:
            for row in rows[number]:
                answers[row] = self.engines[number].answer(games[row], positions[row : row + 1], legal[row])

        if len(rows) == 1:
            ask(next(iter(rows)))
        else:
            pool = ThreadPoolExecutor(len(rows))
            try:
                list(pool.map(ask, rows))
            finally:  # Ctrl-C waits for no engine that thinks
                pool.shutdown(wait=False, cancel_futures=True)
        return [answers[row] for row in range(len(games))]

    def game_over(self, game: FollowedGame, points: float) -> None:
        """Tells the engine that played the game; see `keisei_core.arena.Follower`."""
        engine = self._plays.pop(game.number, None)
        if engine is not None:
            engine.game_over(game, points)

    def close(self) -> None:
        """Ends all engines; they are started again where more is asked."""
        _close(self.engines)

    def _engine_for(self, game: FollowedGame, row: int) -> Engine:
        """Returns the engine that plays a game; for a new one a free engine, or that of the game begun first."""
        if game.number == UNKNOWN:
            return self.engines[row % len(self.engines)]
        if game.number not in self._plays:
            free = [engine for engine in self.engines if engine not in self._plays.values()]
            self._plays[game.number] = free[0] if free else self._plays.pop(next(iter(self._plays)))
        return self._plays[game.number]


def _close(engines: Sequence[Engine]) -> None:
    for engine in engines:
        engine.close()
