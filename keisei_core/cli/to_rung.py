"""`keisei benchmark --to-rung`: trains recipes, or takes runs as they are, and says what each rung took."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click
from click.core import ParameterSource

from keisei_core.cli.completing import players
from keisei_core.cli.help_page import HeadedOption
from keisei_core.cli.options import FILE, PATH
from keisei_core.output import answer, columns
from keisei_core.streams import say

if TYPE_CHECKING:
    from keisei_core.scoreboard import Entry, Run

Command = TypeVar("Command", bound=Callable[..., Any])

HEADING: Final = "Options of --to-rung"
OF_BOTH: Final = frozenset(
    {"subjects", "to_rung", "seed", "max_plies", "opening_plies", "assignments", "is_json", "is_markdown"}
)
"""Parameters that mean something with the flag and without."""
OWN: Final = frozenset({"seeds", "simulations", "rungs", "engines", "rung_games", "growth", "work", "out"})
"""Those that do with it alone."""


class Seeds(click.ParamType):  # type: ignore[type-arg]
    """Numbers with commas between, e.g. `0,1,2`."""

    name = "N,N,..."

    def convert(self, value: Any, _: click.Parameter | None, __: click.Context | None) -> tuple[int, ...]:
        """Reads the numbers."""
        if isinstance(value, tuple):
            return value
        words = str(value).split(",")
        if not all(word.strip().isdecimal() for word in words):
            self.fail(f"expected whole numbers with commas between, got {value!r}")
        return tuple(dict.fromkeys(int(word) for word in words))


def to_rung_options(command: Command) -> Command:
    """Adds the flags of the scoreboard."""
    options = [
        click.option(
            "--to-rung",
            is_flag=True,
            cls=HeadedOption,
            heading=HEADING,
            help="Train each config, or take a run folder as it is, and say how many core-minutes each rung took.",
        ),
        _option("--seeds", type=Seeds(), default="0", help="Seeds of the trainings of a config."),
        _option(
            "--simulations",
            type=click.IntRange(0),
            default=0,
            help="Measure the networks looking ahead so far as well; 0 leaves it at their policy.",
        ),
        _option(
            "--rung",
            "rungs",
            multiple=True,
            metavar="PLAYER",
            shell_complete=players,
            help="A rung, the weakest first; those of the external ladder that are installed here by default.",
        ),
        _option("--engines", type=FILE, help="File with the tables [engines.NAME]; engines.toml here by default."),
        _option(
            "--rung-games", type=click.IntRange(2), default=320, help="Games at most of a checkpoint against a rung."
        ),
        _option(
            "--growth",
            type=click.FloatRange(1, min_open=True),
            default=1.25,
            help="Core-minutes of a checkpoint that is tested over those of the one before.",
        ),
        _option("--work", type=PATH, default=Path("runs/scoreboard"), help="Folder of the trainings and the games."),
        _option("--out", type=PATH, help="Folder of scoreboard.json and .md; that of --work by default."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _option(*names: str, **settings: Any) -> Callable[[Command], Command]:
    shows = "default" in settings and not settings.get("multiple")
    return click.option(*names, cls=HeadedOption, heading=HEADING, show_default=shows, **settings)


def require_one_way(context: click.Context, is_to_rung: bool) -> None:
    """Refuses flags that mean nothing in the way that was chosen.

    Raises:
        UsageError: one is given.
    """
    for parameter in context.command.params:
        name = parameter.name or ""
        is_given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and name not in OF_BOTH and (name in OWN) != is_to_rung:
            told = "is not looked at with" if is_to_rung else "means nothing without"
            raise click.UsageError(f"{parameter.opts[0]} {told} --to-rung; leave it out")


def measure_to_rung(
    subjects: tuple[str, ...],
    assignments: tuple[str, ...],
    *,
    seeds: tuple[int, ...],
    simulations: int,
    rungs: tuple[str, ...],
    engines: Path | None,
    rung_games: int,
    growth: float,
    work: Path,
    out: Path | None,
    is_json: bool,
    is_markdown: bool,
    **conditions: Any,
) -> int:
    """Trains and measures the subjects, and writes the scoreboard after each.

    Returns:
        The exit code: that of a training that did not come to its end, else 0.
    """
    from keisei_core.arena.contest import Contest
    from keisei_core.arena.store import Store
    from keisei_core.cli.matches import tell
    from keisei_core.run.device import chosen_device
    from keisei_core.scoreboard import Climb, Journey, Rule, Scoreboard, entry_of, find_rungs, train

    runs = _runs(subjects, assignments, seeds, work)
    settings = {name: conditions[name] for name in ("seed", "max_plies", "opening_plies")}
    contest = Contest.of({**settings, "games": 2, "at_once": 512}, chosen_device("auto", 0))
    store = Store(work / "pairs.jsonl", tell)
    store.require_writable()
    climb = Climb(contest=contest, rule=Rule(most_games=rung_games, growth=growth), store=store)
    found, left_out = find_rungs(rungs, contest, engines)
    for rung, reason in left_out.items():
        say(f"{rung} is left out: {reason}")
    board, measured = Scoreboard((out or work) / "scoreboard.json"), []
    for run in runs:
        if run.recipe is not None and (code := train(run.recipe, run.folder, run.seed, assignments)):
            return code
        journey = Journey.read(run.folder, growth)
        for ahead in dict.fromkeys((0, simulations)):
            reached = climb.climb(journey.stops, found, ahead)
            measured.append(entry_of(journey, ahead, reached, left_out=left_out, rule=climb.rule))
            board.put(measured[-1])
    answer(_text(measured, is_json, is_markdown))
    return 0


def _runs(subjects: Sequence[str], assignments: Sequence[str], seeds: Sequence[int], work: Path) -> list["Run"]:
    """Returns all runs that the subjects mean; whatever is wrong with one is told before hours go into another.

    Raises:
        UsageError: `--set` beside a run that is there, or two configs whose runs would be one.
        ConfigError: a subject is neither config nor run, or a config can't be read.
    """
    from keisei_core.config.document import parse_assignment
    from keisei_core.plugins import read_settings
    from keisei_core.scoreboard import runs_of

    overrides, trained = [parse_assignment(text) for text in assignments], dict[Path, Path]()
    runs = [run for subject in subjects for run in runs_of(subject, seeds, work)]
    for run in runs:
        if run.recipe is None:
            if assignments:
                raise click.UsageError(f"--set is about configs, and {run.folder} is trained already; leave it out")
        elif (other := trained.setdefault(run.folder, run.recipe)) != run.recipe:
            raise click.UsageError(f"{other} and {run.recipe} would both train in {run.folder}; rename one of them")
        else:
            read_settings(run.recipe, overrides)
    return runs


def _text(measured: Sequence["Entry"], is_json: bool, is_markdown: bool) -> str:
    from keisei_core.scoreboard import page
    from keisei_core.scoreboard.page import notes, table

    if is_json:
        return json.dumps(measured, indent=2)
    if is_markdown:
        return page(measured)
    return "\n".join([table(measured).text(columns()), "", *notes(measured)])
