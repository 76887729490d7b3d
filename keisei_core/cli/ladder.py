"""`keisei ladder`: ratings of checkpoints on a scale with fixed anchors."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from keisei_core.cli.completing import players
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.matches import PLAYER_HELP, even, match_options, tell
from keisei_core.cli.options import CONTEXT, FILE, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files
from keisei_core.cli.plugin_warnings import tell_warnings
from keisei_core.output import answer, columns
from keisei_core.streams import say

if TYPE_CHECKING:
    from keisei_core.arena.ladder import Ladder
    from keisei_core.arena.standings import Standings

ANCHORS: Final = (
    "random",
    "alphabeta:random_moves=0.9",
    "alphabeta:random_moves=0.7",
    "alphabeta:random_moves=0.4",
    "alphabeta",
    "alphabeta:depth=2,random_moves=0.4",
    "alphabeta:depth=2,random_moves=0.2",
    "alphabeta:depth=2",
)
"""From weakest to strongest; the first is pinned at 0."""

LEFT_OUT: Final = {
    "other_conditions": "other conditions and don't count",
    "sprt": "a sequential test, which ends a match where it looks good, and don't count",
}

HELP: Final = f"""Rates PLAYERs, checkpoints above all, in Elo above random play.

Each plays --games games against every anchor: random play, pinned at 0, and alphabeta of depth 1 and 2 with shares of
random moves. The anchors play --anchor-games games with their neighbours. Results are appended to the store, and what
is in there is not played again; the ratings are a Bradley-Terry fit to all of the store, so runs that share one are on
one scale. Without PLAYER the ladder is printed as it stands.

{PLAYER_HELP}"""

EXAMPLES: Final = (
    ("keisei ladder runs/mine", "rate a run between the usual anchors"),
    ("keisei ladder runs/mine runs/other --games 400", "two on one scale, more surely"),
    ("keisei ladder --markdown", "the ladder as it stands"),
)


@takes_plugin_files
@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT, help=HELP)
@click.argument("players", nargs=-1, metavar="[PLAYER]...", shell_complete=players)
@click.option(
    "--store",
    type=FILE,
    default=Path("runs/ladder.jsonl"),
    show_default=True,
    help="The file of results.",
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="PLAYER",
    shell_complete=players,
    help="Anchors instead of the usual ones, weakest first; the first is pinned at 0.",
)
@click.option(
    "--anchor-games",
    type=click.IntRange(2),
    default=1_000,
    show_default=True,
    callback=even,
    help="Games of two anchors that stand next or next but one.",
)
@match_options(games=100)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", "is_markdown", is_flag=True, help="Print the table in Markdown.")
@debug_option
def ladder(
    players: tuple[str, ...],
    store: Path,
    anchors: tuple[str, ...],
    anchor_games: int,
    is_json: bool,
    is_markdown: bool,
    **settings: Any,
) -> None:
    """Rates players."""
    from keisei_core.arena.contest import Contest
    from keisei_core.arena.ladder import Ladder
    from keisei_core.arena.store import Store
    from keisei_core.run.device import chosen_device

    device = chosen_device(settings.pop("device"), settings.pop("threads"))
    contest = Contest.of(settings, device)
    tell_warnings(contest.registry)
    kept = Store(store, tell)
    rungs = Ladder(contest, kept, anchors or ANCHORS, anchor_games=anchor_games)
    if players:
        rungs.play(contest.participants(players))
    elif not any(kept.results().meetings()):
        say(f"keisei: note: {_first_step(store, rungs)}")
    standings = rungs.standings()
    if is_json:
        answer(json.dumps(standings.to_data(), indent=2))
        return
    table = standings.table()
    answer("\n".join([table.markdown() if is_markdown else table.text(columns()), *_told(standings)]))
    for why, number in standings.left_out.items():
        if number:
            say(f"keisei: note: {number} pairs in {store} were played under {LEFT_OUT[why]}")


def _first_step(store: Path, rungs: "Ladder") -> str:
    """Says what to do where nothing was played yet, and how much that is."""
    among = len(list(rungs.neighbours())) * rungs.anchor_games
    against = len(rungs.anchors) * rungs.contest.games
    return (
        f"nothing is in {store} yet; keisei ladder RUN plays {among:,} games of the anchors among themselves, once, "
        f"and {against:,} of RUN against them, which takes many minutes; --games and --anchor-games ask for fewer"
    )


def _told(standings: "Standings") -> list[str]:
    """Returns the warnings as paragraphs."""
    return [f"\nwarning: {warning}" for warning in standings.warnings()]
