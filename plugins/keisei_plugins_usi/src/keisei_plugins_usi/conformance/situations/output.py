"""What comes out and what goes in, byte by byte: rows 31, 37, 38, 41 and 42. Asked last: two of them look back."""

from typing import Final

from keisei_plugins_usi.conformance.client import Client
from keisei_plugins_usi.conformance.positions import DECLARABLE, OPENING, QUICK
from keisei_plugins_usi.conformance.situation import Situation, situation
from keisei_plugins_usi.conformance.verdict import NotAskedError, require

MOST_STDERR: Final = 4096
ODD_LINES: Final[tuple[str | bytes, ...]] = (
    "",
    "   ",
    "xyzzy",
    "go_to_bed 1 2 3",
    b"\xff\xfe\x00\x01",
    "usi_but_not_really",
)
LONG_LINE: Final = 100_000


@situation(
    31,
    sent="a position in which a win may be declared",
    must="bestmove win or a legal move",
    why="ShogiArena takes win unchecked, others lose the game by it where the 27-point rule does not hold.",
)
def declaration(client: Client) -> str:
    """Asks for a move where a declaration would do."""
    return str(client.search(DECLARABLE, QUICK))


@situation(
    41,
    sent="unknown commands, blank lines, bytes that are no text",
    must="nothing, and a move afterwards",
    why="Clients have commands of their own and send blank lines as a sign of life.",
)
def unknown_commands(client: Client) -> str:
    """Says what no engine knows."""
    client.send(*ODD_LINES)
    client.require_silence()
    return f"nothing; then {client.search(OPENING, QUICK)}"


@situation(
    41,
    sent="lines that end with CR LF",
    must="the same as without CR",
    why="Clients on Windows send them: 'go infinite\\r' or 'value true\\r' is not understood.",
)
def carriage_return(client: Client) -> str:
    """Asks for a move with the line ends of Windows."""
    client.send("isready\r")
    client.wait_for(["readyok"], client.limits.timeout)
    client.send(OPENING.text() + "\r", f"go {QUICK}\r")
    return str(client.answer(OPENING, client.limits.timeout))


@situation(
    41,
    sent="a line of 100 kB",
    must="nothing, and a move afterwards",
    why="A buffer that overflows ends the engine, one that is cut makes commands of the rest.",
)
def long_line(client: Client) -> str:
    """Says much at once."""
    client.send("xyzzy " * (LONG_LINE // 6))
    client.require_silence()
    return f"nothing; then {client.search(OPENING, QUICK)}"


@situation(
    42,
    sent="an exception inside of the engine",
    must="an info string, then the answer that is due",
    why="Clients wait for the answer without end.",
)
def exception(client: Client) -> str:
    """Can't be caused."""
    raise NotAskedError("can't be caused from outside; rows 8, 20 and 41 come closest")


@situation(
    37,
    sent="all of the above",
    must="7-bit ASCII, and no line whose first word no client knows",
    why="cshogi decodes ASCII strictly; a line that begins with 'error' ends the engine in ShogiArena.",
)
def stdout(client: Client) -> str:
    """Looks back at all lines."""
    heard = client.heard
    for what, lines in (("not ASCII", heard.not_ascii), ("unknown", heard.strange)):
        require(not lines, f"{what}: {lines.total()} lines, such as {next(iter(lines), '')[:80]!r}")
    return f"{heard.num_lines} lines"


@situation(
    38,
    sent="all of the above",
    must="no more than 4 kB on stderr from one process",
    why="ShogiHome and cshogi never read stderr: after 64 kB the engine hangs in a write for ever.",
)
def stderr(client: Client) -> str:
    """Looks back at all of stderr."""
    most = max(client.heard.stderr_bytes, client.process.stderr_bytes)
    require(most <= MOST_STDERR, f"{most} bytes from one process")
    return f"{most} bytes at most from one process"


OUTPUT: Final[tuple[Situation, ...]] = (
    declaration,
    unknown_commands,
    carriage_return,
    long_line,
    exception,
    stdout,
    stderr,
)
