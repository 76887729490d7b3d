"""`keisei games`: the games of a file, of a match or of self-play."""

from pathlib import Path
from typing import Any

import click

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.errors import ConfigError
from keisei_core.output import answer


@click.command(cls=CoreCommand, context_settings=CONTEXT)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--game", "number", type=click.IntRange(0), help="Print this game, counted from 0; all are listed otherwise."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["kif", "csa", "usi"]),
    default="kif",
    show_default=True,
    help="How a game is printed.",
)
@debug_option
def games(file: Path, number: int | None, form: str) -> None:
    """Reads FILE, what `keisei match --games-to` wrote or the games.jsonl of a run."""
    from keisei_core.arena.match_record import as_text, read_records

    records = list(read_records(file))
    if number is None:
        answer("\n".join(_listing(records)))
    elif number >= len(records):
        raise ConfigError([f"{file}: expected a game below {len(records)}, got {number}"])
    else:
        answer(as_text(records[number], form).rstrip("\n"))


def _listing(records: list[dict[str, Any]]) -> list[str]:
    """Writes a line for each game."""
    lines = []
    for number, record in enumerate(records):
        players = f"{record['black']} - {record['white']}" if "black" in record else ""
        result = f"{record['winner']} wins by {record['ending']}" if record["winner"] else record["ending"]
        lines.append(f"{number:>5}  {len(record['moves']):>4} plies  {result:<28} {players}".rstrip())
    return lines
