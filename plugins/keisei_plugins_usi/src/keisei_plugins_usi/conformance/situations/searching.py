"""Searches and how they end: rows 22, 23, 26 and 27."""

from typing import Final

from keisei_plugins_usi.conformance.client import Answer, Client
from keisei_plugins_usi.conformance.position import Position
from keisei_plugins_usi.conformance.positions import MATE_IN_ONE, MATED, OPENING, TSUME
from keisei_plugins_usi.conformance.situation import Situation, situation
from keisei_plugins_usi.conformance.verdict import ask_only_if, require

STOP_S: Final = 0.1
MATE_MS: Final = 1000
WANTED: Final = ("9g9f", "6g6f")
NOT_IMPLEMENTED: Final = ("checkmate", "notimplemented")
NO_LINE: Final = ("nomate", "timeout", "notimplemented")


@situation(
    22,
    sent="go depth 1",
    must="a legal move",
    why="ShogiArena and test suites limit by depth: where it is not known the engine thinks for ever, or ends.",
)
def go_depth(client: Client) -> str:
    """Searches one ply deep."""
    return str(client.search(OPENING, "depth 1"))


@situation(
    22,
    sent="go nodes 100",
    must="a legal move",
    why="ShogiArena's node_limit gives games that do not depend on the machine.",
)
def go_nodes(client: Client) -> str:
    """Searches a hundred positions."""
    return str(client.search(OPENING, "nodes 100"))


@situation(
    22,
    sent="go movetime 300",
    must="a legal move after no more than 300 ms (and half a second)",
    why="ShogiArena's fixed_time_ms allows 500 ms more, then the game is lost.",
)
def go_movetime(client: Client) -> str:
    """Searches for a fixed time."""
    return str(client.search(OPENING, "movetime 300", 0.8))


@situation(
    22,
    sent="go depth 1 searchmoves 9g9f 6g6f",
    must="one of these moves",
    why="Clients look for second opinions with it; the answer is taken for one about these moves.",
)
def go_searchmoves(client: Client) -> str:
    """Searches two moves."""
    answer = client.search(OPENING, f"depth 1 searchmoves {' '.join(WANTED)}")
    require(answer.move in WANTED, f"{answer}, which is neither")
    return str(answer)


@situation(
    22,
    sent="go without anything, and stop after a while",
    must="one legal move, at the latest after stop",
    why="Clients without a clock send it; whoever ends there leaves the game without a move.",
)
def go_bare(client: Client) -> str:
    """Searches without limits."""
    client.go(OPENING)
    client.send("stop")
    return _only(client, OPENING, client.limits.timeout)


@situation(
    22,
    sent="go infinite",
    must="no bestmove before stop",
    why="ShogiHome's analysis ends with the first bestmove.",
)
def infinite(client: Client) -> str:
    """Analyses, and looks whether the engine goes on."""
    client.go(OPENING, "infinite")
    client.require_silence(2.5)
    client.send("stop")
    return _only(client, OPENING)


@situation(
    19,
    sent="go infinite in a mated position",
    must="nothing, and bestmove resign after stop",
    why="Analysis of a game's last position: a bestmove that is not asked for ends the analysis.",
)
def infinite_mated(client: Client) -> str:
    """Analyses a position without a move."""
    client.go(MATED, "infinite")
    client.require_silence()
    client.send("stop")
    return _only(client, MATED)


@situation(
    23,
    sent="go mate infinite, where there is a mate in one",
    must="checkmate with the mating moves, or checkmate notimplemented; no bestmove",
    why="ShogiHome and ShogiArena read checkmate alone: the mate search never ends where bestmove comes.",
)
def mate(client: Client) -> str:
    """Looks for a mate that there is."""
    return _mate(client, MATE_IN_ONE)


@situation(
    18,
    sent="go mate infinite, in a tsume position with one king",
    must="checkmate with the mating moves, or checkmate notimplemented",
    why="Collections of mates and ShogiHome's mate search have no king for the attacker.",
)
def mate_tsume(client: Client) -> str:
    """Looks for a mate with one king on the board."""
    return _mate(client, TSUME)


@situation(
    23,
    sent=f"go mate {MATE_MS}, where there is no mate",
    must="checkmate nomate, timeout or notimplemented when the time is over; no bestmove",
    why="A client without an answer waits for ever, and sends nothing else before it.",
)
def no_mate(client: Client) -> str:
    """Looks for a mate that there is not."""
    client.go(OPENING, f"mate {MATE_MS}")
    answer = client.answer(OPENING, MATE_MS / 1000 + 0.5, ["checkmate"])
    require(answer.move in NO_LINE, f"{answer}, where there is no mate")
    ask_only_if(answer.words != NOT_IMPLEMENTED, "checkmate notimplemented")
    return str(answer)


@situation(
    26,
    sent="stop while thinking",
    must="one legal bestmove within 100 ms",
    why="Every client waits for it on a running clock; a second bestmove is taken for the next search's.",
)
def stop(client: Client) -> str:
    """Stops a search."""
    client.go(OPENING, "infinite")
    client.require_silence(0.5)
    client.send("stop")
    return _only(client, OPENING, STOP_S)


@situation(
    26,
    sent="stop in the same instant as go, five times",
    must="one legal bestmove each time",
    why="Users click through a game's moves in analysis: a stop that comes too early for the engine is never answered.",
)
def stop_at_once(client: Client) -> str:
    """Stops searches that have hardly begun."""
    for _ in range(5):
        client.send(f"{OPENING.text()}\ngo infinite\nstop")
        answer = client.answer(OPENING, client.limits.timeout)
    client.require_silence()
    return str(answer)


@situation(
    26,
    sent="stop and the next position at once",
    must="a bestmove for each search, in order",
    why="ShogiHome does so when the user goes on to the next position; answers are counted, not compared.",
)
def stop_and_go(client: Client) -> str:
    """Goes on to another position while the first is thought about."""
    later = OPENING.then("8h7g")
    client.go(OPENING, "infinite")
    client.send("stop", later.text(), "go infinite")
    first = client.answer(OPENING, client.limits.timeout)
    client.require_silence()
    client.send("stop")
    return f"{first.move}, then {_only(client, later)}"


@situation(
    27,
    sent="stop and ponderhit while idle",
    must="nothing",
    why="The answer is taken for that of the next search: every move from there on is one too late.",
)
def idle(client: Client) -> str:
    """Stops what does not run."""
    client.send("stop", "ponderhit", "stop")
    client.require_silence()
    return "nothing"


def _only(client: Client, position: Position, within: float = 1.0) -> str:
    """Waits for an answer and makes sure that it is the only one."""
    answer = client.answer(position, within)
    client.require_silence()
    return str(answer)


def _mate(client: Client, position: Position) -> str:
    client.go(position, "mate infinite")
    answer: Answer = client.answer(position, client.limits.timeout, ["checkmate"])
    ask_only_if(answer.words != NOT_IMPLEMENTED, "checkmate notimplemented")
    line = answer.words[1:]
    require(line[0] not in NO_LINE and not position.first_illegal(line), f"{answer}, where there is a mate")
    require(position.then(*line).is_mated(), f"{answer}, which is no mate")
    return str(answer)


SEARCHING: Final[tuple[Situation, ...]] = (
    go_depth,
    go_nodes,
    go_movetime,
    go_searchmoves,
    go_bare,
    infinite,
    infinite_mated,
    mate,
    mate_tsume,
    no_mate,
    stop,
    stop_at_once,
    stop_and_go,
    idle,
)
