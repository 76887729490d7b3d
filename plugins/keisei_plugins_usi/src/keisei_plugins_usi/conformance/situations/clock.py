"""Clocks: row 21."""

from typing import Final

from keisei_plugins_usi.conformance.client import Client, told
from keisei_plugins_usi.conformance.position import Position
from keisei_plugins_usi.conformance.positions import OPENING, WHITE_TO_MOVE
from keisei_plugins_usi.conformance.situation import Situation, situation
from keisei_plugins_usi.conformance.verdict import require

WHY: Final = "A move that comes late loses the game; ShogiArena allows 500 ms, servers and ShogiHome less."
SEVERAL: Final = 3


@situation(21, sent="go btime 0 wtime 0 byoyomi 500, three times", must="a legal move within 500 ms", why=WHY)
def byoyomi(client: Client) -> str:
    """Plays in byoyomi alone."""
    return _slowest(client, OPENING, "btime 0 wtime 0 byoyomi 500", 0.5)


@situation(
    21,
    sent="go btime 300 wtime 60000 byoyomi 200 with Black to move",
    must="a legal move within 500 ms: main time and byoyomi",
    why=WHY,
)
def black_short(client: Client) -> str:
    """Plays Black with little time against plenty."""
    return _slowest(client, OPENING, "btime 300 wtime 60000 byoyomi 200", 0.5)


@situation(
    21,
    sent="go btime 60000 wtime 300 byoyomi 200 with White to move",
    must="a legal move within 500 ms: its own clock",
    why="An engine that looks at the other's clock loses every game as White on time.",
)
def white_short(client: Client) -> str:
    """Plays White with little time against plenty."""
    return _slowest(client, WHITE_TO_MOVE, "btime 60000 wtime 300 byoyomi 200", 0.5)


@situation(
    21,
    sent="go btime 500 wtime 500 binc 100 winc 100",
    must="a legal move within 500 ms: the increment comes after the move",
    why="btime is what the clock shows: an engine that adds the increment twice loses on time.",
)
def increment(client: Client) -> str:
    """Plays with an increment."""
    return _slowest(client, OPENING, "btime 500 wtime 500 binc 100 winc 100", 0.5)


@situation(
    21,
    sent="go btime 400 wtime 400, and nothing behind it",
    must="a legal move within 400 ms",
    why="Sudden death: what is left is all that there is.",
)
def sudden_death(client: Client) -> str:
    """Plays with what is left."""
    return _slowest(client, OPENING, "btime 400 wtime 400", 0.4)


@situation(
    21,
    sent="go btime 0 wtime 0 byoyomi 0, and go btime 1 wtime 1",
    must="a legal move, as soon as can be",
    why="Clients send it when the time has run out already: an engine that divides by it ends.",
)
def no_time(client: Client) -> str:
    """Plays with no time at all."""
    answers = [client.search(OPENING, how) for how in ("btime 0 wtime 0 byoyomi 0", "btime 1 wtime 1")]
    return ", ".join(map(str, answers))


def _slowest(client: Client, position: Position, how: str, limit: float) -> str:
    """Plays some moves and returns the slowest, which must not be late."""
    answers = [client.search(position, how) for _ in range(SEVERAL)]
    slowest = max(answers, key=lambda answer: answer.seconds)
    require(slowest.seconds <= client.soon(limit), f"{slowest}, {told(slowest.seconds - limit)} too late")
    return f"{slowest}, the slowest of {SEVERAL}"


CLOCK: Final[tuple[Situation, ...]] = (byoyomi, black_short, white_short, increment, sudden_death, no_time)
