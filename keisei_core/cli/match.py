"""`keisei match`: one player against another."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from keisei_core.cli.completing import players
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.matches import PLAYER_HELP, match_options, tell
from keisei_core.cli.options import CONTEXT, FILE, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files
from keisei_core.cli.plugin_warnings import tell_warnings
from keisei_core.errors import ConfigError
from keisei_core.output import answer

if TYPE_CHECKING:
    from keisei_core.arena.sprt import Sprt


class Hypotheses(click.ParamType):  # type: ignore[type-arg]
    """Two Elo differences, e.g. `0,70`."""

    name = "ELO0,ELO1"

    def convert(self, value: Any, _: click.Parameter | None, __: click.Context | None) -> tuple[float, float]:
        """Reads the two numbers."""
        if isinstance(value, tuple):
            return value
        try:
            elo0, elo1 = (float(part) for part in str(value).split(","))
        except ValueError:
            self.fail(f"expected two numbers with a comma between, got {value!r}")
        return elo0, elo1


SPRT_HELP = (
    "End once a sequential test decides between these Elo differences (logistic Elo, pentanomial GSPRT as fishtest has "
    "it); --games is then the most that are played."
)

EXAMPLES: Final = (
    ("keisei match runs/mine alphabeta:depth=2 --games 400", "W/D/L and Elo against a search"),
    ("keisei match runs/mine runs/other --sprt 0,70", "until a test decides which is stronger"),
    ("keisei match runs/mine random --games-to match.jsonl", "keep the games; keisei games reads them"),
)


@takes_plugin_files
@click.command(
    cls=CoreCommand,
    examples=EXAMPLES,
    context_settings=CONTEXT,
    help=f"Plays a match of A against B: random openings, each with both colours. The score is A's.\n\n{PLAYER_HELP}",
)
@click.argument("first", metavar="A", shell_complete=players)
@click.argument("second", metavar="B", shell_complete=players)
@match_options(games=200)
@click.option("--sprt", type=Hypotheses(), help=SPRT_HELP)
@click.option(
    "--alpha",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Chance of accepting ELO1 where ELO0 holds.",
)
@click.option(
    "--beta",
    type=click.FloatRange(0, 0.5, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Chance of accepting ELO0 where ELO1 holds.",
)
@click.option(
    "--games-to",
    type=FILE,
    help="Write every game played into this new file, a line of JSON each; read it with `keisei games`.",
)
@click.option("--overwrite", is_flag=True, help="Write over what stands in the file of --games-to.")
@click.option(
    "--store",
    type=FILE,
    help="Take the pairs of games that this store of `keisei ladder` has from it, and append those that it lacks.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
def match(
    first: str,
    second: str,
    sprt: tuple[float, float] | None,
    alpha: float,
    beta: float,
    games_to: Path | None,
    overwrite: bool,
    store: Path | None,
    is_json: bool,
    **settings: Any,
) -> None:
    """Plays a match."""
    from keisei_core.arena.contest import Contest
    from keisei_core.arena.store import Store
    from keisei_core.arena.watcher import games_file
    from keisei_core.run.device import chosen_device

    _require_apart(games_to, store, overwrite)
    test = _sprt(sprt, alpha, beta)
    device = chosen_device(settings.pop("device"), settings.pop("threads"))
    contest = Contest.of(settings, device)
    tell_warnings(contest.registry)
    players = contest.participants([first, second])
    known, meeting = None, contest.meeting(players[0], players[1], test)
    kept = None if store is None else Store(store, tell)
    if kept is not None:
        known = kept.require_writable().known(meeting)
    with nullcontext() if games_to is None else games_file(games_to, overwrite=overwrite) as games:
        report = contest.play(*players, sprt=test, games=games, known=known)
    try:
        answer(json.dumps(report.to_data(), indent=2) if is_json else "\n".join(report.lines()))
    finally:  # however the result is received
        if kept is not None:
            kept.append(meeting, (players[0].name, players[1].name), report.played)
    if report.is_interrupted:
        raise KeyboardInterrupt
    if games is not None and games.problem is not None:
        raise ConfigError([games.complaint])


def _sprt(sprt: tuple[float, float] | None, alpha: float, beta: float) -> "Sprt | None":
    from keisei_core.arena.sprt import Sprt

    try:
        return None if sprt is None else Sprt(elo0=sprt[0], elo1=sprt[1], alpha=alpha, beta=beta)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--sprt") from error


def _require_apart(games_to: Path | None, store: Path | None, overwrite: bool) -> None:
    """Refuses flags that don't go together."""
    if overwrite and games_to is None:
        raise click.UsageError("--overwrite is about the file of --games-to, which is not given")
    if games_to is not None and store is not None and games_to.resolve() == store.resolve():
        raise click.UsageError(f"--games-to and --store are the same file, {store}; name two")
