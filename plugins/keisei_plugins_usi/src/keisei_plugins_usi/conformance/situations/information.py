"""Lines of info: rows 33 to 36."""

from bisect import bisect_right
from typing import Final

from keisei_plugins_usi.conformance.client import Answer, Client
from keisei_plugins_usi.conformance.info import Info
from keisei_plugins_usi.conformance.positions import OPENING
from keisei_plugins_usi.conformance.situation import Situation, situation
from keisei_plugins_usi.conformance.verdict import WrongError, ask_only_if, require

SOME_TIME: Final = "btime 0 wtime 0 byoyomi 700"
MOST_A_SECOND: Final = 30
LINES: Final = 3


@situation(
    33,
    sent="a search of 700 ms",
    must="info lines of known words with whole numbers, score cp or mate, pv last",
    why="ShogiHome reads no further than pv or string; what is no number shows as nothing.",
)
def info_lines(client: Client) -> str:
    """Reads every line of a search."""
    infos = _infos(client, client.search(OPENING, SOME_TIME))
    for info in infos:
        require(not info.problem, f"{info.problem} in {info.text[:100]!r}")
    return f"{len(infos)} lines, such as {infos[-1].text[:100]!r}"


@situation(
    34,
    sent="a search of 700 ms",
    must="legal moves in every pv; the last pv begins with the bestmove",
    why="ShogiHome shows no line with an illegal move, and drops a move's comment where pv and bestmove differ.",
)
def pv(client: Client) -> str:
    """Replays every line of play."""
    answer = client.search(OPENING, SOME_TIME)
    lines = [info for info in _infos(client, answer) if info.pv]
    require(bool(lines), "no pv")
    for info in lines:
        illegal = OPENING.first_illegal(info.pv)
        require(not illegal, f"{illegal} can't be played in {' '.join(info.pv)}")
    last = next(info for info in reversed(lines) if info.rank in ("", "1"))
    require(last.pv[0] == answer.move, f"bestmove {answer.move} after pv {' '.join(last.pv)}")
    return f"{len(lines)} lines, the last of {len(last.pv)} moves"


@situation(
    34,
    sent="a search of 700 ms",
    must="a ponder move that can be played after the bestmove",
    why="Clients send it back behind the bestmove: an illegal one makes an illegal position.",
)
def ponder_move(client: Client) -> str:
    """Plays the bestmove and what the engine expects after it."""
    answer = client.search(OPENING, SOME_TIME)
    ask_only_if("ponder" in answer.words, "no ponder move was named")
    line = (answer.move, *answer.words[3:4])
    require(len(line) == 2 and not OPENING.first_illegal(line), f"{answer}, which can't be played")
    return str(answer)


@situation(
    35,
    sent="a search with MultiPV 1",
    must="no multipv in info lines",
    why="ShogiHome then shows lines of one search as different ones (ShogiHome #193).",
)
def single_pv(client: Client) -> str:
    """Searches for one line."""
    infos = _infos(client, client.search(OPENING, SOME_TIME))
    told = [info for info in infos if info.rank]
    require(not told, f"{told[0].text[:60]!r}" if told else "")
    return f"none in {len(infos)} lines"


@situation(
    35,
    sent=f"a search with MultiPV {LINES}",
    must="lines 1, 2, 3 in order, each with another first move",
    why="Clients sort by the number: without it, analysis shows one line again and again.",
)
def multi_pv(client: Client) -> str:
    """Searches for several lines, and for one again."""
    option = client.option("MultiPV", "USI_MultiPV")
    ask_only_if(option is not None, "no option MultiPV")
    assert option is not None
    client.send(option.setting(str(LINES)))
    try:
        answer = client.search(OPENING, SOME_TIME)
    finally:
        client.send(option.setting("1"))
    ranked = [info for info in _infos(client, answer) if info.rank and info.pv]
    last = ranked[-LINES:]
    ranks = [info.rank for info in last]
    require(
        ranks == [str(rank) for rank in range(1, LINES + 1)],
        f"lines {', '.join(ranks) or 'without numbers'} at the end",
    )
    first = [info.pv[0] for info in last]
    require(len(set(first)) == LINES, f"first moves {', '.join(first)}")
    return f"first moves {', '.join(first)}"


@situation(
    36,
    sent="go infinite for two seconds",
    must=f"no more than {MOST_A_SECOND} lines a second",
    why="Clients parse and draw each: an engine that floods makes windows stall and moves late.",
)
def rate(client: Client) -> str:
    """Counts lines."""
    client.go(OPENING, "infinite")
    times = [line.at for line in client.require_silence(5.0)]
    client.send("stop")
    client.answer(OPENING, client.limits.timeout)
    most = max((bisect_right(times, start + 1) - index for index, start in enumerate(times)), default=0)
    require(most <= MOST_A_SECOND, f"{most} lines in one second")
    return f"{most} lines in the fullest second"


@situation(
    36,
    sent="a search of 700 ms",
    must="an info line with pv right before bestmove",
    why="What stands last is kept as the move's comment: without it the game record has the score of another move.",
)
def last_info(client: Client) -> str:
    """Looks at the line before the bestmove."""
    answer = client.search(OPENING, SOME_TIME)
    said = [line for line in answer.infos if line.head]
    last = Info.read(said[-1].text) if said else None
    if last is None or not last.pv:
        raise WrongError(f"{said[-1].text[:80]!r} before bestmove" if said else "nothing before bestmove")
    return f"{last.text[:100]!r}"


def _infos(client: Client, answer: Answer) -> list[Info]:
    """Returns a search's lines of info; there must be some."""
    infos = [info for line in answer.infos if (info := Info.read(line.text))]
    require(bool(infos), "no info line")
    return infos


INFORMATION: Final[tuple[Situation, ...]] = (info_lines, pv, ponder_move, single_pv, multi_pv, rate, last_info)
