"""`keisei benchmark`: speed, memory and strength of configs and checkpoints, side by side."""

import json
import subprocess
import sys
from typing import Any, Final

import click

from keisei_core.cli.completing import keys, networks, players
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.matches import even
from keisei_core.cli.options import CONTEXT, debug_option
from keisei_core.cli.plugin_files import FLAG, takes_plugin_files
from keisei_core.cli.plugin_warnings import tell_warnings
from keisei_core.cli.to_rung import OWN, measure_to_rung, require_one_way, to_rung_options
from keisei_core.output import answer, columns

HELP = """Measures each SUBJECT: a config (*.toml; its network untrained), a run folder, a checkpoint or an export.

Speed: rollouts and updates as the run makes them, stage by stage, in turns with the bare network on the same batches;
what its share lacks to 1 is what everything else costs. Strength: games against --opponent by the policy itself,
without search, greedy but kept from repetition. Tactics, counted in games against --tactics-opponent: how many mates in
one are played, and how many other moves lose 5 pawns' worth or more against the best, exchanges counted.

Several subjects are measured one after the other, each in a process of its own.

With --to-rung a config is trained, with each of --seeds, and a run folder taken as it is; kept checkpoints then play
the rungs of a ladder, and the core-minutes to each go into a scoreboard. What is done is not done again."""

EXAMPLES: Final = (
    ("keisei benchmark keisei.toml --games 0", "speed and memory of a config"),
    ("keisei benchmark runs/mine runs/other --markdown", "two runs side by side"),
    ("keisei benchmark keisei.toml --to-rung --seeds 0,1,2", "core-minutes to each rung of the ladder"),
)


@takes_plugin_files
@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT, help=HELP)
@click.argument("subjects", nargs=-1, required=True, metavar="SUBJECT...", shell_complete=networks)
@click.option("--rounds", type=click.IntRange(1), default=5, show_default=True, help="Rollouts and updates measured.")
@click.option(
    "--games",
    type=click.IntRange(0),
    default=100,
    show_default=True,
    callback=even,
    help="Games against the opponent; 0 measures speed and memory only.",
)
@click.option(
    "--tactics-games",
    type=click.IntRange(2),
    default=40,
    show_default=True,
    callback=even,
    help="Games in which mates and hanging pieces are counted.",
)
@click.option(
    "--opponent",
    default="alphabeta:depth=2",
    show_default=True,
    metavar="PLAYER",
    shell_complete=players,
    help="Whom Elo is measured against.",
)
@click.option(
    "--tactics-opponent",
    default="alphabeta",
    show_default=True,
    metavar="PLAYER",
    shell_complete=players,
    help="Against whom mates and hanging pieces are counted.",
)
@click.option(
    "--temperature",
    type=click.FloatRange(0, 10),
    default=0.0,
    show_default=True,
    help="Of the measured player; 0 plays its favourite moves.",
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="Of the matches.")
@click.option(
    "--max-plies",
    type=click.IntRange(2, 4_096),
    default=512,
    show_default=True,
    help="A match game this long is cut off and counts 1/2.",
)
@click.option(
    "--opening-plies",
    type=click.IntRange(0, 100),
    default=8,
    show_default=True,
    help="Random plies of an opening, or down to half as many.",
)
@click.option(
    "--set",
    "assignments",
    multiple=True,
    metavar="TABLE.KEY=VALUE",
    shell_complete=keys,
    help="Sets a key of every subject's config.",
)
@click.option("--json", "is_json", is_flag=True, help="Print JSON: a list with an object for each subject.")
@click.option("--markdown", "is_markdown", is_flag=True, help="Print the table in Markdown.")
@to_rung_options
@debug_option
@click.pass_context
def benchmark(
    context: click.Context,
    /,
    subjects: tuple[str, ...],
    assignments: tuple[str, ...],
    to_rung: bool,
    is_json: bool,
    is_markdown: bool,
    **plan: Any,
) -> int:
    """Measures subjects."""
    require_one_way(context, to_rung)
    own = {name: plan.pop(name) for name in OWN}
    if to_rung:
        return measure_to_rung(subjects, assignments, is_json=is_json, is_markdown=is_markdown, **own, **plan)
    from keisei_core.plugins import load_registry

    if len(subjects) > 1 or not is_json:  # one of several is told of by the command that measures them
        tell_warnings(load_registry())
    if len(subjects) == 1:
        from keisei_core.benchmark.measurement import Plan, measure
        from keisei_core.config.document import parse_assignment

        measured = [measure(subjects[0], [parse_assignment(text) for text in assignments], Plan(**plan))]
    else:
        measured = []
        for subject in subjects:
            code, found = _in_a_process(subject, assignments, plan)
            if code:
                return code
            measured += found
    answer(json.dumps(measured, indent=2) if is_json else _text(measured, is_markdown))
    return 0


def _in_a_process(subject: str, assignments: tuple[str, ...], plan: dict[str, Any]) -> tuple[int, list[dict[str, Any]]]:
    """Measures one subject in a process of its own, so that its peak of memory is its own."""
    from keisei_core.plugins.plugin_file import files_in_use

    flags = [part for key, value in plan.items() for part in (f"--{key.replace('_', '-')}", str(value))]
    flags += [part for text in assignments for part in ("--set", text)]
    flags += [part for file in files_in_use() for part in (FLAG, str(file.path))]
    command = [sys.executable, "-m", "keisei_core", "benchmark", "--json", *flags, "--", subject]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, json.loads(done.stdout) if done.returncode == 0 else []


def _text(measured: list[dict[str, Any]], is_markdown: bool) -> str:
    from keisei_core.benchmark.report import footnotes, table

    found = table(measured)
    if is_markdown:
        return "\n".join([found.markdown(), "", *(f"- {line}" for line in footnotes(measured))])
    return "\n".join([found.text(columns()), "", *footnotes(measured)])
