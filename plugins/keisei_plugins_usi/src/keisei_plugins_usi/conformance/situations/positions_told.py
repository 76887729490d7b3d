"""Positions, as clients write them and as they should not: rows 15 to 20 and 32."""

from typing import Final

from keisei_plugins_usi.conformance.client import Client
from keisei_plugins_usi.conformance.position import Position
from keisei_plugins_usi.conformance.positions import (
    CHECK_BY_DROP,
    DECLARABLE,
    FORMS,
    LANCE_GIVEN,
    LONG,
    MATED,
    ONLY_DROPS,
    OPENING,
    QUICK,
    REPEATED,
    SIX_GIVEN,
    TSUME,
    WHITE_TO_MOVE,
)
from keisei_plugins_usi.conformance.situation import Situation, situation
from keisei_plugins_usi.conformance.verdict import WrongError, require

TWO_BISHOPS: Final = "9/9/9/9/9/9/9/9/9 b 99P 1"
NONSENSE: Final = (
    "position",
    "position sfen",
    "position sfen rubbish",
    f"position sfen {TWO_BISHOPS}",
    "position moves 7g7f",
)
UNPLAYABLE: Final = ("7g7e", "5a5b", "9z9a", "P*5e")


@situation(
    15,
    sent="position in all its forms: no moves behind 'moves', sfen without number or with 0 or 5, blanks between",
    must="a legal move of that very position",
    why="ShogiArena starts games at 'sfen ... - 5', older clients leave the number out.",
)
def position_forms(client: Client) -> str:
    """Asks for a move in each form."""
    for position in FORMS:
        try:
            client.search(position, QUICK)
        except WrongError as error:
            raise WrongError(f"{position.text()!r}: {error}") from error
    return f"a legal move in each of {len(FORMS)} forms"


@situation(
    16,
    sent="handicap games, and positions in which White is to move",
    must="a legal move",
    why="Handicap games begin with White; an engine that takes Black to move first answers with an illegal move.",
)
def handicaps(client: Client) -> str:
    """Asks White for a move."""
    answers = [client.search(position, QUICK) for position in (LANCE_GIVEN, SIX_GIVEN, WHITE_TO_MOVE)]
    return ", ".join(answer.move for answer in answers)


@situation(
    17,
    sent="a game that went on after the fourth repetition",
    must="a legal move: the client decides when a game ends",
    why="Analysis of finished games, clients that do not count: the engine ends, or resigns where nobody else does.",
)
def past_repetition(client: Client) -> str:
    """Asks for a move where the rules would have ended the game."""
    answer = client.search(REPEATED, QUICK)
    require(answer.move != "resign", f"{answer}, though the game goes on")
    return str(answer)


@situation(
    17,
    sent="a game that went on though a win could be declared",
    must="a legal move, or win where it may still be declared",
    why="Nobody has to declare; the engine ends or plays an illegal move in the analysis of such a game.",
)
def past_declaration(client: Client) -> str:
    """Asks for a move after a declaration that was not made."""
    return str(client.search(DECLARABLE.then("P*9e", "5i4h"), QUICK))


@situation(
    17,
    sent="a game of a thousand plies",
    must="a legal move",
    why="The command is 5 kB long then: a fixed buffer or an array of plies overflows.",
)
def long_game(client: Client) -> str:
    """Asks for a move late."""
    return str(client.search(LONG, QUICK))


@situation(
    18,
    sent="a tsume position with one king, then go",
    must="a legal move or bestmove resign",
    why="ShogiHome's research and mate search send exactly these; an engine that wants two kings ends.",
)
def tsume(client: Client) -> str:
    """Asks for a move where Black has no king."""
    return str(client.search(TSUME, QUICK))


@situation(
    19,
    sent="a mated position, then go",
    must="bestmove resign",
    why="ShogiArena drops 'bestmove (none)' and waits for the clock; ShogiHome ends the game by an unknown move.",
)
def mated(client: Client) -> str:
    """Asks for a move where there is none."""
    answer = client.search(MATED, QUICK)
    require(answer.move == "resign", f"{answer}, where no move is left")
    return str(answer)


@situation(
    20,
    sent="an illegal move behind 'moves'",
    must="no end of the engine: bestmove resign, or a move of the last legal position",
    why="A client with other rules sends it; Stockfish ended there and its client froze (official-stockfish #7000).",
)
def illegal_move(client: Client) -> str:
    """Plays moves that can't be played and asks for one."""
    for move in UNPLAYABLE:
        odd = Position(OPENING.sfen, OPENING.moves, f"{OPENING.text()} {move} 7f7e")
        answer = client.search(odd, QUICK)
    return f"{answer.move} after the last of {len(UNPLAYABLE)}"


@situation(
    20,
    sent="position with a board that can't be, or with rubbish",
    must="no end of the engine, and a move for the next good position",
    why="Clients let users edit boards: the engine ends, and the client waits for ever.",
)
def nonsense(client: Client) -> str:
    """Sends what is no position, without asking for a move there."""
    client.send(*NONSENSE)
    client.require_silence()
    return str(client.search(OPENING, QUICK))


@situation(
    32,
    sent="a drop that gives check, as 'B*2d', among the moves",
    must="a move that answers the check",
    why="An engine that writes drops otherwise ('B@2d') loses its way without a word, and then every game.",
)
def drop_told(client: Client) -> str:
    """Asks for a move where only who saw the drop knows what is legal."""
    return str(client.search(CHECK_BY_DROP, QUICK))


@situation(
    32,
    sent="a position in which only drops are legal",
    must="a drop as 'P*9h', letter upper case",
    why="Another notation is an illegal move, and the game is lost.",
)
def drop_written(client: Client) -> str:
    """Asks for a move that must be a drop."""
    answer = client.search(ONLY_DROPS, QUICK)
    require("*" in answer.move, f"{answer}, where only drops are legal")
    return str(answer)


POSITIONS_TOLD: Final[tuple[Situation, ...]] = (
    position_forms,
    handicaps,
    past_repetition,
    past_declaration,
    long_game,
    tsume,
    mated,
    illegal_move,
    nonsense,
    drop_told,
    drop_written,
)
