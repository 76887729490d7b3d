"""`keisei run`, `resume` and `check`. What they do is in `keisei_core.run`, loaded when it is needed."""

from pathlib import Path
from typing import Final

import click

from keisei_core.cli.completing import networks, places
from keisei_core.cli.config_command import ConfigCommand, settings_of
from keisei_core.cli.migrate import another_run_command, migrate_command, refuse_changes, refuse_other_run
from keisei_core.cli.options import CONTEXT, PATH, RUN_CONFIG, debug_option, overrides

VERBOSE: Final = click.option(
    "--verbose", "is_verbose", is_flag=True, help="Show every plane, layer, setting and plugin at the start."
)
JSON: Final = click.option("--json", "is_json", is_flag=True, help="Print JSON: what became of it, one object.")

EXAMPLES: Final = (
    ("keisei run keisei.toml", "train; the folder is runs/<date>"),
    ("keisei run --model baseline --seed 3", "keisei.toml with flags over it"),
    ("keisei run --set optimizer.learning_rate=3e-4", "any key of the config"),
    ("keisei run keisei.toml --run-dir runs/mine --or-resume", "the line for a scheduler: begin, or go on"),
    ("keisei run --from runs/mine --run-dir runs/next", "begin with the network of another run"),
)
CHECK_EXAMPLES: Final = (
    ("keisei check", "what keisei.toml would run, each part tried once"),
    ("keisei check mine.toml --device cuda --json", "the same of another config as JSON"),
)
RESUME_EXAMPLES: Final = (
    ("keisei resume runs/mine", "go on from the last checkpoint"),
    ("keisei resume runs/mine --set distribution.processes=2", "with another number of processes"),
    ("keisei resume runs/mine --tower-depth 6 --migrate", "go on as a larger network, in a new folder"),
    ("keisei resume runs/mine --set run.plies=500_000 --migrate", "go on for longer, in a new folder"),
)


@click.command(cls=ConfigCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.option("--run-dir", type=PATH, help="Folder of the run; a dated one in runs/ by default.")
@click.option(
    "--or-resume",
    "may_resume",
    is_flag=True,
    help="Go on with the run in --run-dir where there is one; end at once where it is complete.",
)
@click.option(
    "--from",
    "source",
    metavar="CHECKPOINT",
    type=PATH,
    shell_complete=networks,
    help="Start from this checkpoint, or this run's last.",
)
@click.option("--migrate", "is_migrating", is_flag=True, help="Bring that checkpoint to other planes or another size.")
@VERBOSE
@JSON
@debug_option
@click.pass_context
def run(
    context: click.Context,
    config: Path | None,
    run_dir: Path | None,
    may_resume: bool,
    source: Path | None,
    is_migrating: bool,
    is_verbose: bool,
    is_json: bool,
) -> int:
    """Trains a player as CONFIG says (keisei.toml if none is named); flags win over the file.

    Ends with the score of its last match and a table of the trained player against each rung of [evaluation]. The
    run folder keeps the config, checkpoints, metrics, games and results. Ctrl-C saves and ends; twice ends at once.
    """
    if is_migrating and source is None:
        raise click.UsageError("--migrate needs --from CHECKPOINT: what to start from")
    if may_resume and (run_dir is None or source is not None):
        raise click.UsageError("--or-resume needs --run-dir DIR, where the run is looked for, and goes without --from")
    settings = settings_of(context, config)
    if may_resume and run_dir is not None:
        begin_compiling()
        from keisei_core.run import train_or_resume

        typed = another_run_command(context, run_dir, config)
        return train_or_resume(settings, run_dir, typed, is_verbose=is_verbose, is_json=is_json)
    if source is None:
        if run_dir is not None and (run_dir / RUN_CONFIG).is_file():
            refuse_other_run(context, run_dir, config, settings)
        begin_compiling()
        from keisei_core.run import train

        return train(settings, run_dir, is_verbose=is_verbose, is_json=is_json)
    from keisei_core.succession import train_from

    command = migrate_command(context, source, config)
    return train_from(
        settings,
        source,
        run_dir,
        is_migrating=is_migrating,
        command=command,
        is_verbose=is_verbose,
        is_json=is_json,
    )


@click.command(cls=ConfigCommand, examples=CHECK_EXAMPLES, context_settings=CONTEXT)
@JSON
@debug_option
@click.pass_context
def check(context: click.Context, config: Path | None, is_json: bool) -> int:
    """Builds all that CONFIG asks for (keisei.toml if none is named), plays one tiny update, says what would run."""
    settings = settings_of(context, config)
    begin_compiling()
    from keisei_core.run import check as check_settings

    return check_settings(settings, is_json=is_json)


@click.command(cls=ConfigCommand, examples=RESUME_EXAMPLES, context_settings=CONTEXT)
@click.argument("run_dir", metavar="RUN", type=PATH, shell_complete=places)
@click.option("--migrate", "is_migrating", is_flag=True, help="Go on with the changed config, in a new run folder.")
@click.option(
    "--run-dir", "new_dir", type=PATH, help="With --migrate: the new folder; a dated one in runs/ by default."
)
@VERBOSE
@JSON
@debug_option
@click.pass_context
def resume(
    context: click.Context, run_dir: Path, is_migrating: bool, new_dir: Path | None, is_verbose: bool, is_json: bool
) -> int:
    """Goes on with the run in the folder RUN from its last checkpoint.

    A run keeps its config. Flags that change it are refused with what they change, or, with --migrate, make a new run
    that goes on from the checkpoint of RUN, which stays as it is. Flags of [distribution] hold for this time: another
    number of processes goes on with the games dealt anew.
    """
    if new_dir is not None and not is_migrating:
        raise click.UsageError("--run-dir needs --migrate: without it a run goes on in its own folder")
    if overrides(context) and not is_migrating:
        refuse_changes(context, run_dir)
    if not is_migrating:
        begin_compiling()
        from keisei_core.config.document import Override
        from keisei_core.run import resume as resume_run

        given = [Override(*each) for each in overrides(context)]
        return resume_run(run_dir, given, is_verbose=is_verbose, is_json=is_json)
    from keisei_core.succession import train_from

    config = run_dir / RUN_CONFIG
    settings = settings_of(context, config)
    command = migrate_command(context, run_dir, config)
    return train_from(
        settings, run_dir, new_dir, is_migrating=True, command=command, is_verbose=is_verbose, is_json=is_json
    )


def begin_compiling() -> None:
    """Has kernels compiled that no disk has yet while this process loads torch, which takes seconds."""
    from keisei_core.warm import compile_ahead

    compile_ahead()
