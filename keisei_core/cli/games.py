"""`keisei games`: the games of a run, of its self-play, or of a match."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from keisei_core.cli.completing import places
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, debug_option
from keisei_core.errors import ConfigError
from keisei_core.output import answer
from keisei_core.shown import shown
from keisei_core.streams import say

if TYPE_CHECKING:
    from keisei_core.records import Game

FORMS: Final = ("kif", "csa", "usi")

EXAMPLES: Final = (
    ("keisei games runs/mine", "a list of the games that a run kept"),
    ("keisei games runs/mine --game 0 --output g.kif", "one of them for other Shogi programs"),
    ("keisei games match.jsonl --game 3 --format usi", "one of those that keisei match --games-to wrote"),
)


@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("source", metavar="RUN|FILE", type=PATH, shell_complete=places)
@click.option(
    "--game", "number", type=click.IntRange(0), help="Print this game, counted from 0; all are listed otherwise."
)
@click.option("--format", "form", type=click.Choice(FORMS), help="How a game is printed.  [default: kif]")
@click.option(
    "--output",
    type=PATH,
    help="Write the game into this new file: .kif (Shift_JIS), .kifu (UTF-8), .csa (UTF-8) or .usi.",
)
@debug_option
def games(source: Path, number: int | None, form: str | None, output: Path | None) -> None:
    """Reads the games that RUN kept of its self-play, or FILE, what `keisei match --games-to` wrote."""
    from keisei_core.records import as_text, read_games

    if output is not None:
        _require_one_game(number, form, output)
    found = list(read_games(source, _tell))
    if number is None:
        for line in _listing(found):
            answer(line)
    elif number >= len(found):
        raise ConfigError([f"{source}: expected a game below {len(found)}, got {number}"])
    elif output is None:
        answer(as_text(found[number], form or "kif").rstrip("\n"))
    else:
        _write(found[number], output)


def _require_one_game(number: int | None, form: str | None, output: Path) -> None:
    """Refuses to write what is not one game, or not in the format of the file's name.

    Raises:
        ConfigError: with what to name.
    """
    from keisei_core.records.formats import form_of

    if number is None:
        raise ConfigError(["--output takes one game; name it by --game"])
    if form not in (None, form_of(output)):
        raise ConfigError(
            [f"--output {output}: its suffix means {form_of(output)}, got --format {form}; leave one out"]
        )


def _write(game: "Game", output: Path) -> None:
    from keisei_core.records import write_game

    if missing := write_game(game, output):
        _tell(f"{output}: {missing} characters that its encoding does not have are written as ?; .kifu has all")
    answer(f"{output}: {len(game.moves)} plies")


def _listing(found: list["Game"]) -> Iterator[str]:
    """Yields a line for each game."""
    for number, game in enumerate(found):
        players = " - ".join(game.names) if any(game.names) else ""
        result = f"{game.winner} wins by {game.ending}" if game.winner else game.ending
        yield f"{number:>5}  {len(game.moves):>4} plies  {shown(result):<28} {players}".rstrip()


def _tell(note: str) -> None:
    say(f"keisei: note: {note}")
