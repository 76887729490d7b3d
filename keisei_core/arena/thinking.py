"""Thinking about one position of one game: what a user interface asks of a player, and what it hears meanwhile.

A player may offer `think`, see `Thinker`; one that does not is asked for its move as in a match.
"""

import math
import time
from collections.abc import Callable
from typing import Any, Final, Protocol

import attrs
import numpy as np

from keisei_core.arena.followed_game import single_positions
from keisei_core.arena.forfeit import Forfeit
from keisei_core.arena.past import without_recurring
from keisei_core.arena.player import Player
from keisei_core.errors import KeiseiError
from keisei_core.observe import needs_of
from keisei_core.shogi import Branches, Positions, action_to_usi, format_sfen, legal_mask

CENTIPAWNS: Final = 600.0
"""Of a ratio of e to 1 between winning and losing: the scale on which Shogi engines and their users read scores."""
SUREST: Final = 1e-4
"""Chance of another result that a score leaves at least: 5,526 centipawns."""


class Stop(Protocol):
    """Asks to come to an end, as a `threading.Event` does."""

    def is_set(self) -> bool:
        """Returns whether the end is wanted."""
        ...


class Never:
    """A `Stop` that never asks."""

    def is_set(self) -> bool:
        """Returns False."""
        return False


@attrs.frozen(kw_only=True)
class Limits:
    """What ends the thinking, whichever comes first; without any limit it goes on until it is stopped."""

    simulations: int | None = None
    """Of the position, those included that an earlier call made and that still hold."""
    nodes: int | None = None
    """Positions looked at in this call."""
    seconds: float | None = None
    """Of this call, by the wall clock."""
    moves: tuple[int, ...] = ()
    """Actions that alone are looked at, legal ones; all legal moves where there are none."""
    lines: int = 1
    """Of play that are told of at most, those of the best moves."""
    tell_every: float = 0.3
    """Seconds between two calls of `tell`."""


@attrs.frozen(kw_only=True)
class Line:
    """A line of play and what it is worth."""

    moves: tuple[str, ...]
    """Legal moves in turn as USI writes them, at least one."""
    value: float | None
    """Expected result for the mover of the position, -1 to 1; None where the player has no opinion."""
    mate: int | None = None
    """Plies to the proven end, by mate or otherwise; negative where the mover loses, None where none is proven."""
    visits: int = 0
    """How often the first move was looked at."""

    @property
    def centipawns(self) -> int | None:
        """`centipawns_of` the value; None where there is none."""
        return self.score(CENTIPAWNS)

    def score(self, scale: float) -> int | None:
        """Returns `centipawns_of` the value with such a scale; None where there is none."""
        return None if self.value is None else centipawns_of(self.value, scale)


@attrs.frozen(kw_only=True)
class Info:
    """How far the thinking is."""

    lines: tuple[Line, ...]
    """The best first, at least one."""
    seldepth: int
    """Plies of the longest line that was looked at."""
    nodes: int
    """Positions looked at in this call."""
    seconds: float
    """Since the call."""
    full: float = 0.0
    """Share of the player's memory that is in use, 0 to 1."""

    @property
    def depth(self) -> int:
        """Plies of the first line."""
        return len(self.lines[0].moves)

    @property
    def nodes_per_s(self) -> int:
        """Positions looked at in a second."""
        return round(self.nodes / self.seconds) if self.seconds > 0 else 0


@attrs.frozen(kw_only=True)
class Thought:
    """What came of it."""

    action: int
    """The move to play, one of those that were looked at."""
    info: Info
    """As it was told last; the first line begins with the action."""

    @property
    def ponder(self) -> str | None:
        """The reply that is expected, as USI writes it; None where the line ends before it."""
        moves = self.info.lines[0].moves
        return moves[1] if len(moves) > 1 else None


Tell = Callable[[Info], None]


class Thinker(Protocol):
    """A player that thinks about one position at a time, and can be asked to come to an end."""

    def think(self, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell) -> Thought:
        """Thinks about a position.

        What it found may be kept for the next call, in which the game has gone on.

        Args:
            position: one, in which there is a legal move; with as many earlier ones as the player `needs`.
            past: one branch of its game, which stands there and remembers what stood before, with as many earlier
                positions as the player `needs`; None where nobody knows.
            limits: what ends it. There may also be nothing more to find out: then it ends before.
            stop: looked at often; once it asks, the call ends within 50 ms on a free core. A player that takes up much
                of an earlier call first says how long that takes.
            tell: called now and then, and once before the end; not from another thread.
        """
        ...


def think(
    player: Player, position: Positions, past: Branches | None, limits: Limits, stop: Stop, tell: Tell
) -> Thought:
    """Has any player think: by its own `think` if it is a `Thinker`, else by `choose`, which ends by itself.

    Further lines of one that chooses begin with what it chooses where the moves before are not there; one that follows
    games, which takes no such question, has one line.

    Args:
        player: any player.
        position: one with a legal move; earlier positions that the player needs and that it lacks are taken for ones
            that never stood.
        past, limits, stop, tell: see `Thinker`.

    Raises:
        ValueError: `past` has fewer earlier positions than the player needs, or a move of `limits` is not legal.
        KeiseiError: a player that follows games gives this one up.
    """
    needed = needs_of(player).history
    if past is not None and past.positions.num_earlier < needed:
        raise ValueError(
            f"expected a past with {needed} earlier positions, which the player needs, got "
            f"{past.positions.num_earlier}; play the game in Games(history={needed}), or say None where nobody knows"
        )
    position = position.with_history(max(position.num_earlier, needed))
    if hasattr(player, "think"):
        thinker: Any = player
        thought: Thought = thinker.think(position, past, limits, stop, tell)
        return thought
    started = time.monotonic()
    legal = offered(player, position, past, limits)
    knows_past = getattr(player, "knows_past", False) and past is not None
    asked: Any = player
    games = [single_positions(position)] if getattr(player, "follows_games", False) else []
    actions: list[int] = []
    while not actions or (len(actions) < limits.lines and legal.any() and not games and not stop.is_set()):
        answer = asked.choose(position, legal, *([past] if knows_past else []), *games)[0]
        if isinstance(answer, Forfeit):
            raise KeiseiError(f"expected a move, got {answer.kind} in sfen {format_sfen(position)!r}")
        actions.append(int(answer))
        legal = legal.copy()
        legal[0, actions[-1]] = 0
    lines = tuple(Line(moves=(action_to_usi(position, action),), value=None) for action in actions)
    info = Info(lines=lines, seldepth=1, nodes=len(lines), seconds=time.monotonic() - started)
    tell(info)
    return Thought(action=actions[0], info=info)


def offered(
    player: Player, position: Positions, past: Branches | None, limits: Limits
) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Returns the moves that a player is offered, uint8 [1, 2187]: without repetition if it avoids that.

    Args:
        player, position, past, limits: see `think`.

    Raises:
        ValueError: see `allowed`.
    """
    legal = allowed(position, limits)
    if past is None or not getattr(player, "avoids_repetition", False):
        return legal
    return without_recurring(past, legal)


def allowed(position: Positions, limits: Limits) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Returns the moves that are looked at, uint8 [1, 2187].

    Raises:
        ValueError: one of `limits.moves` is not legal.
    """
    legal = legal_mask(position)
    if not limits.moves:
        return legal
    moves = np.zeros_like(legal)
    moves[0, list(limits.moves)] = 1
    if (moves > legal).any():
        raise ValueError(f"limits.moves must be legal moves, got {np.flatnonzero(moves > legal).tolist()} among them")
    return moves


def centipawns_of(value: float, scale: float = CENTIPAWNS) -> int:
    """Returns scale ln(p / (1 - p)) with the chance p = (value + 1) / 2 of a win, as Shogi programs score positions."""
    chance = min(max((value + 1) / 2, SUREST), 1 - SUREST)
    return round(scale * math.log(chance / (1 - chance)))
