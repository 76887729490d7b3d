"""`keisei show`: what a network says of a position."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from keisei_core.cli.completing import networks
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, FILE, PATH, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files
from keisei_core.errors import ConfigError
from keisei_core.output import answer
from keisei_core.streams import say

if TYPE_CHECKING:
    from keisei_core.opinion import Opinion

EXAMPLES: Final = (
    ("keisei show keisei: 7g7f", "the network that comes with Keisei"),
    ("keisei show runs/mine", "the start position: value, likeliest moves, the board"),
    ("keisei show runs/mine 7g7f 3c3d --simulations 200", "after two moves, with a search"),
    ("keisei show mine two-piece moves 6a5b --svg handicap.svg", "a handicap game, drawn"),
)
PIECES: Final = ("letters", "kanji")
SVG: Final = ".svg"


@takes_plugin_files
@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("path", metavar="PATH", type=PATH, shell_complete=networks)
@click.argument("position", metavar="[POSITION]...", nargs=-1)
@click.option(
    "--simulations",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Look ahead as well, so many positions, where a player that searches is installed.",
)
@click.option("--moves", type=click.IntRange(1), default=8, show_default=True, help="List so many moves and lines.")
@click.option("--pieces", type=click.Choice(PIECES), help="How pieces are drawn.  [default: letters, kanji in SVG]")
@click.option(
    "--svg", type=FILE, help="Draw the position with the last move and the likeliest moves into this .svg file."
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON: value, moves with their probabilities, search.")
@debug_option
def show(
    path: Path,
    position: tuple[str, ...],
    simulations: int,
    moves: int,
    pieces: str | None,
    svg: Path | None,
    is_json: bool,
) -> None:
    """Shows what the network at PATH (a run, RUN:best, a checkpoint, an export, keisei:) says of a position.

    Its value is the result that the side to move expects, 1 for a win and -1 for a loss; its policy how likely it
    would play each move.

    POSITION is SFEN, startpos or the name of a handicap such as two-piece; either with the word moves and moves in USI
    behind; or moves alone, from the start position, which is shown where nothing stands.
    """
    if svg is not None and svg.suffix.lower() != SVG:
        raise ConfigError([f"--svg {svg}: expected a name that ends in {SVG}"])
    from keisei_core.opinion import opinion_of
    from keisei_core.run.device import chosen_device

    chosen_device("cpu", 0)
    opinion = opinion_of(path, " ".join(position), simulations=simulations, lines=moves)
    if svg is not None:
        _draw(opinion, svg, pieces)
    answer(json.dumps(opinion.to_data(), indent=2) if is_json else "\n".join(opinion.lines(pieces or "letters", moves)))


def _draw(opinion: "Opinion", svg: Path, pieces: str | None) -> None:
    """Writes the picture, over what stands there."""
    from keisei_core.config.paths import file_errors

    with file_errors(svg, "written"):
        svg.write_text(opinion.picture(**({"pieces": pieces} if pieces else {})).svg(), encoding="utf-8")
    say(f"keisei: note: {svg}: drawn")
