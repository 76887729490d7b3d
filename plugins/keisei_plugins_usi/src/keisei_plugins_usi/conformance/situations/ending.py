"""The end of a game, of the engine and of its pipes: rows 28 to 30."""

from typing import Final

from keisei_plugins_usi.conformance.client import Client, ending, told
from keisei_plugins_usi.conformance.positions import OPENING, QUICK
from keisei_plugins_usi.conformance.situation import Begin, Situation, situation
from keisei_plugins_usi.conformance.verdict import require

QUIT_S: Final = 1.0
QUIT_WHY: Final = "ShogiHome kills after 5 s, on Windows the shell only: the engine goes on without a client."
ORPHAN_WHY: Final = "A client that crashed leaves an engine that takes a core until somebody finds it."


@situation(
    28,
    sent="gameover win while idle",
    must="nothing",
    why="What comes is taken for the first move of the next game.",
)
def gameover_idle(client: Client) -> str:
    """Ends a game after the last move."""
    client.send("gameover win")
    client.require_silence()
    return f"nothing; in the next game {_next_game(client)}"


@situation(
    28,
    sent="gameover lose while thinking, without stop",
    must="the search ends with one bestmove",
    why="ShogiHome throws away one bestmove after it: where none comes, that is the first move of the next game.",
)
def gameover_thinking(client: Client) -> str:
    """Ends a game in the middle of a search."""
    client.go(OPENING, "infinite")
    client.require_silence()
    client.send("gameover lose")
    answer = client.answer(OPENING, 1.0)
    client.require_silence()
    return f"{answer}; in the next game {_next_game(client)}"


@situation(
    28,
    sent="gameover draw while pondering, without stop",
    must="the search ends with one bestmove",
    why="Shogidokoro sends it when the opponent resigns during ponder; an engine that goes on is not ready.",
)
def gameover_pondering(client: Client) -> str:
    """Ends a game while the engine ponders."""
    client.go(OPENING, "ponder btime 60000 wtime 60000")
    client.require_silence()
    client.send("gameover draw")
    answer = client.answer(OPENING, 1.0)
    client.require_silence()
    return f"{answer}; in the next game {_next_game(client)}"


@situation(29, sent="quit before usi", must="exit code 0 within a second", why=QUIT_WHY, begin=Begin.STARTED)
def quit_first(client: Client) -> str:
    """Quits before anything else."""
    return _quit(client)


@situation(29, sent="quit right after isready", must="exit code 0 within a second", why=QUIT_WHY, begin=Begin.STARTED)
def quit_loading(client: Client) -> str:
    """Quits while the engine gets ready."""
    client.hello()
    client.send("isready")
    return _quit(client)


@situation(29, sent="quit while idle", must="exit code 0 within a second", why=QUIT_WHY, ends=True)
def quit_idle(client: Client) -> str:
    """Quits while nothing runs."""
    return _quit(client)


@situation(29, sent="quit while thinking", must="exit code 0 within a second", why=QUIT_WHY, ends=True)
def quit_thinking(client: Client) -> str:
    """Quits in the middle of a search."""
    client.go(OPENING, "infinite")
    client.require_silence()
    return _quit(client)


@situation(30, sent="end of input while idle", must="the engine ends within a second", why=ORPHAN_WHY, ends=True)
def input_ends_idle(client: Client) -> str:
    """Closes the engine's input."""
    client.process.close_stdin()
    return _end(client)


@situation(30, sent="end of input while thinking", must="the engine ends within a second", why=ORPHAN_WHY, ends=True)
def input_ends_thinking(client: Client) -> str:
    """Closes the engine's input in the middle of a search."""
    client.go(OPENING, "infinite")
    client.require_silence()
    client.process.close_stdin()
    return _end(client)


@situation(
    30,
    sent="stdout closed while thinking, then stop",
    must="the engine ends within a second",
    why=ORPHAN_WHY,
    ends=True,
)
def output_ends(client: Client) -> str:
    """Reads no more, and asks for something to be written."""
    client.go(OPENING, "infinite")
    client.process.close_stdout()
    client.process.send(b"stop\n", QUIT_S)
    return _end(client)


def _quit(client: Client) -> str:
    client.send("quit")
    seconds, code = _end_of(client)
    require(code == 0, f"{ending(code)} after {told(seconds)}")
    return f"{ending(code)} after {told(seconds)}"


def _end(client: Client) -> str:
    seconds, code = _end_of(client)
    return f"{ending(code)} after {told(seconds)}"


def _end_of(client: Client) -> tuple[float, int]:
    return client.require_end(QUIT_S)


def _next_game(client: Client) -> str:
    """Begins another game and returns its first move."""
    client.ready(client.limits.timeout)
    client.send("usinewgame")
    return str(client.search(OPENING, QUICK))


ENDING: Final[tuple[Situation, ...]] = (
    gameover_idle,
    gameover_thinking,
    gameover_pondering,
    quit_first,
    quit_loading,
    quit_idle,
    quit_thinking,
    input_ends_idle,
    input_ends_thinking,
    output_ends,
)
