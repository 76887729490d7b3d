"""`keisei run`, `resume` and `check`. What they do is in `keisei_core.run`, loaded when it is needed."""

from pathlib import Path

import click

from keisei_core.cli.config_command import ConfigCommand, settings_of
from keisei_core.cli.options import CONTEXT, debug_option


@click.command(cls=ConfigCommand, context_settings=CONTEXT, short_help="Train a player by self-play.")
@click.option("--run-dir", type=click.Path(path_type=Path), help="Folder of the run; a dated one in runs/ by default.")
@debug_option
@click.pass_context
def run(context: click.Context, config: Path | None, run_dir: Path | None) -> int:
    """Trains a player as CONFIG says (keisei.toml if none is named); flags win over the file."""
    settings = settings_of(context, config)
    from keisei_core.run import train

    return train(settings, run_dir)


@click.command(cls=ConfigCommand, context_settings=CONTEXT, short_help="Build all of a run, train nothing.")
@debug_option
@click.pass_context
def check(context: click.Context, config: Path | None) -> int:
    """Builds all that CONFIG asks for (keisei.toml if none is named), plays one tiny update, says what would run."""
    settings = settings_of(context, config)
    from keisei_core.run import check as check_settings

    return check_settings(settings)


@click.command(context_settings=CONTEXT, short_help="Go on with a run.")
@click.argument("run_dir", metavar="RUN", type=click.Path(path_type=Path))
@debug_option
def resume(run_dir: Path) -> int:
    """Goes on with the run in the folder RUN from its last checkpoint."""
    from keisei_core.run import resume as resume_run

    return resume_run(run_dir)
