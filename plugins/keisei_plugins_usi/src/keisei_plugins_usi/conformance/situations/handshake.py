"""The first words between client and engine: rows 1 to 4, 11 to 14 and 44."""

import shutil
import tempfile
from pathlib import Path
from typing import Final

from keisei_plugins_usi.conformance.client import Client, told
from keisei_plugins_usi.conformance.positions import OPENING, QUICK
from keisei_plugins_usi.conformance.situation import Begin, Situation, situation
from keisei_plugins_usi.conformance.verdict import ask_only_if, require

HELLO_S: Final = 1.0
AGAIN_S: Final = 1.0
FIRST_MOVE_S: Final = 2.0
SIGN_OF_LIFE_S: Final = 10.0
"""Seconds of silence in `isready` that no client minds; engines send a blank line every 5."""
ODD_FOLDER: Final = "My エンジン"


@situation(
    1,
    sent="nothing",
    must="nothing",
    why="A banner comes before the client asked: strict clients take it for an answer or warn of an unknown line.",
    begin=Begin.STARTED,
)
def silent_start(client: Client) -> str:
    """Listens to an engine that was told nothing."""
    client.require_silence(but=())
    return "nothing"


@situation(
    2,
    sent="usi",
    must="id name, id author and options, then usiok, within a second",
    why="Shogidokoro registers an engine only if usiok comes within 2 s; ShogiHome and ShogiArena give up after 10 s.",
    begin=Begin.STARTED,
)
def usi(client: Client) -> str:
    """Says hello."""
    client.hello()
    require(client.name != "", "no id name")
    require(client.author != "", "no id author")
    require(client.hello_s <= client.soon(HELLO_S), f"usiok {told(client.hello_s)} after the start")
    return f"{client.name!r}, {len(client.options)} options, usiok {told(client.hello_s)} after the start"


@situation(
    3,
    sent="started by one path without arguments, in its own folder",
    must="usiok",
    why="ShogiHome and cshogi register one file, start it without arguments and make its folder the working folder.",
    begin=Begin.STARTED,
)
def own_folder(client: Client) -> str:
    """Starts the engine as a client that knows nothing but its path."""
    path = _only_file(client)
    return _says_usiok(client.another(path.parent))


@situation(
    4,
    sent="started in a folder whose name has a blank and Japanese in it",
    must="usiok",
    why="Users keep engines in such folders; paths that are relative or not quoted are not found there.",
    begin=Begin.STARTED,
)
def odd_folder(client: Client) -> str:
    """Starts the engine where paths need quotes."""
    _only_file(client)
    with tempfile.TemporaryDirectory() as folder:
        odd = Path(folder) / ODD_FOLDER
        odd.mkdir()
        return _says_usiok(client.another(odd))


@situation(
    11,
    sent="isready, then the first go",
    must="readyok once everything is loaded; the first move takes no longer than others",
    why="What is loaded or compiled at the first go runs on the clock: the first game is lost on time.",
    begin=Begin.STARTED,
)
def isready(client: Client) -> str:
    """Gets the engine ready and asks for a move at once."""
    client.hello()
    took = client.ready()
    answer = client.search(OPENING, QUICK, FIRST_MOVE_S)
    return f"readyok after {told(took)}, the first {answer}"


@situation(
    12,
    sent="isready that takes long",
    must="a blank line now and then",
    why="Shogidokoro and ShogiGUI take ten seconds of silence for a dead engine; a blank line every 5 s is enough.",
)
def isready_lives(client: Client) -> str:
    """Looks at how the engine got ready."""
    took, silence = told(client.ready_s), told(client.longest_silence_s)
    ask_only_if(client.ready_s > client.soon(SIGN_OF_LIFE_S), f"readyok came after {took}")
    require(client.longest_silence_s <= client.soon(SIGN_OF_LIFE_S), f"nothing for {silence} of {took}")
    return f"readyok after {took}, never silent for more than {silence}"


@situation(
    13,
    sent="isready once more",
    must="readyok at once",
    why="ShogiHome sends it before every game, ShogiArena to clear stale answers: each time is waited for.",
)
def isready_again(client: Client) -> str:
    """Gets the engine ready that is ready."""
    return f"readyok after {told(client.ready(AGAIN_S))}"


@situation(
    13,
    sent="isready while thinking",
    must="readyok at once, and the search goes on",
    why="A client that checks whether the engine lives loses its search, or gets no readyok before the search ends.",
)
def isready_thinking(client: Client) -> str:
    """Asks a thinking engine whether it is ready."""
    client.go(OPENING, "infinite")
    took = client.ready(AGAIN_S)
    client.require_silence()
    client.send("stop")
    return f"readyok after {told(took)}, {client.answer(OPENING, AGAIN_S)}"


@situation(
    14,
    sent="usinewgame, twice",
    must="nothing",
    why="No client waits for an answer to it; one that comes is taken for the answer to what follows.",
)
def usinewgame(client: Client) -> str:
    """Begins a game."""
    client.send("usinewgame", "usinewgame")
    client.require_silence()
    return f"nothing; then {client.search(OPENING, QUICK)}"


@situation(
    44,
    sent="two at once: both started, usi and isready to both",
    must="readyok from both",
    why="Tournaments start an engine twice: a lock on a file, a port or a cache makes one of them wait or die.",
    begin=Begin.STARTED,
)
def two_at_once(client: Client) -> str:
    """Gets two processes ready."""
    second = client.another()
    try:
        for each in (client, second):
            each.hello()
            each.send("isready")
        for each in (client, second):
            each.wait_for(["readyok"], client.limits.ready)
        return f"both readyok, the second's {client.search(OPENING, QUICK)}, {second.search(OPENING, QUICK)}"
    finally:
        second.close()


def _only_file(client: Client) -> Path:
    """Returns the file that the command is.

    Raises:
        NotAskedError: it has arguments.
    """
    ask_only_if(len(client.command) == 1, "the command has arguments, which no client can register: name one file")
    return Path(shutil.which(client.command[0]) or client.command[0]).absolute()


def _says_usiok(other: Client) -> str:
    try:
        other.hello()
        return f"usiok {told(other.hello_s)} after the start"
    finally:
        other.close()


HANDSHAKE: Final[tuple[Situation, ...]] = (
    silent_start,
    usi,
    own_folder,
    odd_folder,
    isready,
    isready_lives,
    isready_again,
    isready_thinking,
    usinewgame,
    two_at_once,
)
