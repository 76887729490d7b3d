"""`keisei games`: the games of a run, of its self-play and its matches, or of a match."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

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

FORMS: Final = ("kif", "kifu", "csa", "usi")

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
@click.option("--lost", is_flag=True, help="Only games that the run's network lost, or the first player of a match.")
@click.option(
    "--format", "form", type=click.Choice(FORMS), help="How games are written.  [default: kif; in a folder kifu]"
)
@click.option(
    "--output",
    type=PATH,
    help="Write the game into this new file: .kif (Shift_JIS), .kifu (UTF-8), .csa (UTF-8) or .usi; without --game "
    "all games that would be listed into this folder.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON: one object with the games listed.")
@debug_option
def games(source: Path, number: int | None, lost: bool, form: str | None, output: Path | None, is_json: bool) -> None:
    """Reads the games that RUN kept of its self-play and its matches, or FILE, what `keisei match --games-to` wrote.

    For instance: keisei games runs/mine --lost --output lost-games
    """
    from keisei_core.records import read_games

    _require_one_way(number, form, output, is_json)
    found = dict(enumerate(read_games(source, _tell)))
    if number is not None and number not in found:
        raise ConfigError([f"{source}: expected a game below {len(found)}, got {number}"])
    chosen = {at: game for at, game in found.items() if number in (None, at) and (game.is_lost or not lost)}
    if number is not None and not chosen:
        raise ConfigError([f"{source}: game {number} was not lost; leave out --lost"])
    if output is not None:
        _write(chosen, output, form, is_one=number is not None)
    elif is_json:
        answer(json.dumps({"schema": 1, "games": [_data(at, game) for at, game in chosen.items()]}, indent=2))
    else:
        _print(chosen, form, is_one=number is not None)


def _require_one_way(number: int | None, form: str | None, output: Path | None, is_json: bool) -> None:
    """Refuses flags that contradict each other.

    Raises:
        ConfigError: with what to name.
    """
    from keisei_core.records.formats import SUFFIXES, form_of

    if is_json and (output is not None or form is not None):
        raise ConfigError(["--json prints what is listed; leave out --output and --format"])
    if output is None:
        return
    if number is None:
        if output.suffix.lower() in SUFFIXES:
            raise ConfigError(["--output FILE takes one game; name it by --game, or name a folder for all of them"])
    elif form is not None and form.removesuffix("u") != form_of(output):
        raise ConfigError(
            [f"--output {output}: its suffix means {form_of(output)}, got --format {form}; leave one out"]
        )


def _print(chosen: Mapping[int, "Game"], form: str | None, *, is_one: bool) -> None:
    """Prints one game, or a list; all of them in a format that is asked for."""
    from keisei_core.records import as_text

    if not is_one and form is None:
        for line in _listing(chosen):
            answer(line)
    else:
        for game in chosen.values():
            answer(as_text(game, (form or "kif").removesuffix("u")).rstrip("\n"))


def _write(chosen: Mapping[int, "Game"], output: Path, form: str | None, *, is_one: bool) -> None:
    """Writes a game into a file, or games into a folder, each under its number."""
    from keisei_core.config.paths import file_errors

    if is_one:
        (game,) = chosen.values()
        _write_one(game, output)
        answer(f"{output}: {len(game.moves)} plies")
        return
    paths = {number: output / f"game-{number:05d}.{form or 'kifu'}" for number in chosen}
    if taken := [path for path in paths.values() if path.exists()]:
        raise ConfigError([f"{taken[0]}: exists already and is never written over; name another folder"])
    with file_errors(output, "made"):
        output.mkdir(parents=True, exist_ok=True)
    for number, path in paths.items():
        _write_one(chosen[number], path)
    answer(f"{output}: {len(paths)} games")


def _write_one(game: "Game", path: Path) -> None:
    from keisei_core.records import write_game

    if missing := write_game(game, path):
        _tell(f"{path}: {missing} characters that its encoding does not have are written as ?; .kifu has all")


def _listing(chosen: Mapping[int, "Game"]) -> Iterator[str]:
    """Yields a line for each game."""
    for number, game in chosen.items():
        players = " - ".join(game.names) if any(game.names) else ""
        result = f"{game.winner} wins by {game.ending_name}" if game.winner else game.ending_name
        row = f"{number:>5}  {len(game.moves):>4} plies  {shown(result):<28} {'lost' if game.is_lost else '':<4}"
        yield f"{row}  {game.event:<24}  {players}".rstrip()


def _data(number: int, game: "Game") -> dict[str, Any]:
    """Returns a game as JSON-able data; whether it was lost is told where there is somebody who can have lost it."""
    black, white = game.names
    return {
        "game": number,
        "update": game.update,
        "match": game.match or None,
        "black": black,
        "white": white,
        "first": game.first or None,
        "sfen": game.sfen,
        "moves": list(game.moves),
        "ending": game.ending,
        "winner": game.winner or None,
        "lost": game.is_lost if game.first else None,
        "values": list(game.values),
    }


def _tell(note: str) -> None:
    say(f"keisei: note: {note}")
