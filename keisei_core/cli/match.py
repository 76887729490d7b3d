"""`keisei match`: one player against another."""

import json
from pathlib import Path
from typing import Any

import click

from keisei_core.cli.matches import PLAYER_HELP, match_options
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files
from keisei_core.cli.plugin_warnings import tell_warnings


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
        if not elo0 < elo1:
            self.fail(f"expected the smaller number first, got {value!r}")
        return elo0, elo1


SPRT_HELP = (
    "End once a sequential test decides between these Elo differences (logistic Elo, pentanomial GSPRT as fishtest has "
    "it); --games is then the most that are played."
)


@takes_plugin_files
@click.command(
    context_settings=CONTEXT,
    help=f"Plays a match of A against B: random openings, each with both colours. The score is A's.\n\n{PLAYER_HELP}",
)
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
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
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write every game into this file, a line of JSON each; read it with `keisei games`.",
)
@click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Append the result to this store of `keisei ladder`.",
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
    store: Path | None,
    is_json: bool,
    **settings: Any,
) -> None:
    """Plays a match."""
    from keisei_core.arena.contest import Contest
    from keisei_core.arena.sprt import Sprt
    from keisei_core.arena.store import Store
    from keisei_core.run.device import chosen_device

    device = chosen_device(settings.pop("device"), settings.pop("threads"))
    contest = Contest.of(settings, device)
    tell_warnings(contest.registry)
    test = None if sprt is None else Sprt(elo0=sprt[0], elo1=sprt[1], alpha=alpha, beta=beta)
    one, other = contest.participants([first, second])
    report = contest.play(one, other, sprt=test, games_to=games_to)
    if store is not None and not Store(store).append(report):
        click.echo(f"keisei: note: {store} has this match already; take another --seed for more games", err=True)
    click.echo(json.dumps(report.to_data(), indent=2) if is_json else "\n".join(report.lines()))
