"""What a player in a match must offer."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena.followed_game import FollowedGame
from keisei_core.arena.forfeit import Forfeit
from keisei_core.shogi import Positions


@attrs.frozen(kw_only=True)
class PlayerContext:
    """What a player is built with."""

    seed: int
    """Of the player's own random stream."""
    device: torch.device
    """Where a player that has a network should compute."""


@attrs.frozen(kw_only=True)
class Identity:
    """Who a player is whom text and package don't tell: a program from outside, say.

    A player's target may have a function `identity(options)` that returns one; its results are kept under it, whatever
    its options and the version of its package are.
    """

    digest: str
    """Of all that decides how it plays."""
    about: str
    """A line for people."""


class Player(Protocol):
    """Chooses moves for many games at once.

    A player with a true attribute `avoids_repetition` is not offered moves after which a position of the game stands
    again, unless it has no other. One with an attribute `needs`, a `keisei_core.observe.Needs`, gets the earlier
    positions of its games that it asks for. One with a true attribute `knows_past` is given a third argument: N
    `keisei_core.shogi.Branches` of the games, which stand where the positions do and may be played on. One with a true
    attribute `follows_games` is a `Follower`. One with a method `think` can think about a single game until it is
    stopped, see `keisei_core.arena.Thinker`.

    One with an attribute `most_at_once`, a number of games, is never given more side by side. One with a method
    `close()` is told by it that no more will be asked.

    One that knows what a position is worth leaves it in an attribute `values` when it has chosen: float32 [N], the
    expected result for the mover, -1 to 1, nan where it has no opinion; games that are kept show it.
    """

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses one legal action for each position.

        Args:
            positions: N positions with this player to move, mover's view, from any games and in any order; not to be
                changed; without earlier ones unless it `needs` them.
            legal: uint8 [N, 2187], 1 = may be played; not to be changed.

        Returns:
            int32 [N].
        """
        ...


class Follower(Protocol):
    """A player that knows which game each position is of, and may give a game away. It may have a method `game_over`.

    `game_over(game: FollowedGame, points: float)` tells it that a game is over and what it got: 1, 1/2 or 0.
    """

    follows_games: bool
    """True."""

    def choose(
        self, positions: Positions, legal: NDArray[np.uint8], games: Sequence[FollowedGame]
    ) -> Sequence[int | Forfeit]:
        """Chooses one legal action for each position, or forfeits its game.

        Args:
            positions, legal: see `Player.choose`.
            games: N games so far, which lead to the positions; the last argument, behind that of `knows_past`.

        Returns:
            N answers.
        """
        ...


def most_at_once(player: object) -> int:
    """Returns how many games a player can play side by side."""
    most: int = getattr(player, "most_at_once", sys.maxsize)
    return most


def close(player: object) -> None:
    """Tells a player that no more will be asked, if it wants to know."""
    close_it: Any = getattr(player, "close", None)
    if close_it is not None:
        close_it()


@contextmanager
def closing(*players: object) -> Iterator[None]:
    """Closes players, whatever happens meanwhile."""
    with ExitStack() as stack:
        for player in players:
            stack.callback(close, player)
        yield
