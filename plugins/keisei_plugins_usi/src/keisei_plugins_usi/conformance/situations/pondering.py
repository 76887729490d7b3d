"""Thinking in the other's time: rows 24 to 26."""

from typing import Final

from keisei_plugins_usi.conformance.client import Client
from keisei_plugins_usi.conformance.positions import OPENING, QUICK
from keisei_plugins_usi.conformance.situation import Situation, situation
from keisei_plugins_usi.conformance.verdict import require

CLOCK: Final = "btime 60000 wtime 60000 byoyomi 300"
STOP_S: Final = 0.1


@situation(
    24,
    sent="go ponder with a short clock, and go ponder without one",
    must="no bestmove before ponderhit or stop",
    why="ShogiArena drops it and fails the search (YaneuraOu #155, lc0 #651): the game waits for a move that has come.",
)
def ponder(client: Client) -> str:
    """Ponders for longer than the clock has."""
    for how in (f"ponder {QUICK}", "ponder"):
        client.go(OPENING, how)
        client.require_silence(2.0)
        client.send("stop")
        answer = client.answer(OPENING, 1.0)
    return f"nothing before stop, then {answer}"


@situation(
    25,
    sent="ponderhit after go ponder btime 0 wtime 0 byoyomi 300",
    must="one legal move, the clock counted from ponderhit",
    why="An engine that counts from go answers in a hurry or late; one that waits for stop loses on time.",
)
def ponderhit(client: Client) -> str:
    """Hits a ponder search."""
    client.go(OPENING, "ponder btime 0 wtime 0 byoyomi 300")
    client.require_silence()
    client.send("ponderhit")
    answer = client.answer(OPENING, client.limits.timeout)
    require(answer.seconds <= client.soon(0.3), f"{answer}, more than the 300 ms from ponderhit")
    client.require_silence()
    return str(answer)


@situation(
    25,
    sent="ponderhit btime 0 wtime 0 byoyomi 300 after go ponder without a clock",
    must="one legal move within 300 ms",
    why="Early ponder: clients begin to ponder before the other's clock is known and tell it with ponderhit.",
)
def ponderhit_clock(client: Client) -> str:
    """Hits a ponder search and tells the clock."""
    client.go(OPENING, "ponder")
    client.require_silence()
    client.send("ponderhit btime 0 wtime 0 byoyomi 300")
    answer = client.answer(OPENING, client.limits.timeout)
    require(answer.seconds <= client.soon(0.3), f"{answer}, more than the 300 ms from ponderhit")
    return str(answer)


@situation(
    26,
    sent="stop while pondering, then the position that was really played",
    must="one bestmove for the pondered position within 100 ms, then one for the real one",
    why="A ponder miss is every second move: one bestmove too many or too few shifts all that follow.",
)
def ponder_miss(client: Client) -> str:
    """Misses a ponder search."""
    real = OPENING.then("6i7h")
    client.go(OPENING, f"ponder {CLOCK}")
    client.require_silence()
    client.send("stop")
    first = client.answer(OPENING, STOP_S)
    second = client.search(real, QUICK)
    client.require_silence()
    return f"{first}, then {second}"


PONDERING: Final[tuple[Situation, ...]] = (ponder, ponderhit, ponderhit_clock, ponder_miss)
