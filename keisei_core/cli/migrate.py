"""`keisei migrate`: brings a checkpoint to other planes, another size, a newer format, or just other settings."""

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from keisei_core.cli.completing import networks
from keisei_core.cli.config_command import DEFAULT_CONFIG, ConfigCommand, registry_of, settings_of
from keisei_core.cli.options import CONTEXT, PATH, RUN_CONFIG, debug_option, overrides
from keisei_core.errors import ConfigError

if TYPE_CHECKING:  # `keisei --help` does without
    from keisei_core.plugins import Settings

EXAMPLES: Final = (
    ("keisei migrate runs/mine --to keisei.toml --dry-run", "what moves, what is new, what is lost"),
    ("keisei migrate runs/mine --to keisei.toml --match 200", "bring it there, and play the original"),
    ("keisei migrate mine --to keisei.toml --tower-width 64", "to the config with a wider network"),
)


def _even(_: click.Context, __: click.Parameter, given: int) -> int:
    """Refuses an odd number of games: every opening is played twice."""
    if given < 0 or given % 2:
        raise click.BadParameter(f"expected an even number of games, got {given}")
    return given


@click.command(cls=ConfigCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("source", metavar="CHECKPOINT", type=PATH, shell_complete=networks)
@click.option("--to", "config", metavar="CONFIG", type=PATH, required=True, help="The config to bring it to.")
@click.option("--run-dir", type=PATH, help="The new run folder; a dated one in runs/ by default.")
@click.option("--dry-run", "is_dry", is_flag=True, help="Only tell what moves, what is new, what is lost.")
@click.option("--match", "num_games", metavar="N", default=0, callback=_even, help="Play N games against the original.")
@click.option("--new-games", "with_new_games", is_flag=True, help="Start all games and random streams anew.")
@click.option("--json", "is_json", is_flag=True, help="Print JSON.")
@debug_option
@click.pass_context
def migrate(
    context: click.Context,
    source: Path,
    config: Path,
    run_dir: Path | None,
    is_dry: bool,
    num_games: int,
    with_new_games: bool,
    is_json: bool,
) -> int:
    """Brings CHECKPOINT to what CONFIG asks for, in a new run folder; flags win over the file.

    CHECKPOINT is a checkpoint folder, a run folder (its newest good checkpoint is taken), an exported network, or a
    .safetensors file of weights alone; it stays as it is.
    """
    settings = settings_of(context, config)
    from keisei_core.succession import migrate as migrate_checkpoint

    return migrate_checkpoint(
        settings,
        source,
        run_dir,
        is_dry=is_dry,
        num_games=num_games,
        is_json=is_json,
        with_new_games=with_new_games,
    )


def migrate_command(context: click.Context, source: Path, config: Path | None) -> str:
    """Returns the command line that migrates a checkpoint to a config and the flags of this command line over it."""
    words = ["keisei", "migrate", str(source), "--to", str(config or DEFAULT_CONFIG)]
    return shlex.join([*words, *_flags(context)])


def refuse_changes(context: click.Context, run_dir: Path) -> None:
    """Says what the flags would change about a run, and what to type instead; nothing where they change nothing.

    Raises:
        MigrationError: they change something.
        ConfigError: there is no run, or its config or the flags are wrong.
    """
    from keisei_core.config.paths import no_run
    from keisei_core.plugins.changes import another_run

    config = run_dir / RUN_CONFIG
    if not config.is_file():
        raise no_run(run_dir)
    found = _changes_of_run(context, run_dir, settings_of(context, config))
    if found:
        at_once = shlex.join(["keisei", "resume", str(run_dir), *_flags(context), "--migrate"])
        typed = f"{migrate_command(context, run_dir, config)}, or at once: {at_once}"
        raise another_run(run_dir, found, typed)


def refuse_other_run(context: click.Context, run_dir: Path, config: Path | None, settings: "Settings") -> None:
    """Says how the run in a folder differs from the one that is to be written there, and what to type instead.

    Raises:
        ConfigError: the folder holds a run of another config.
    """
    found = _changes_of_run(context, run_dir, settings)
    if found:
        typed = another_run_command(context, run_dir, config)
        raise ConfigError([f"{run_dir}: holds a run of another config ({'; '.join(found)}); type: {typed}"])


def another_run_command(context: click.Context, run_dir: Path, config: Path | None) -> str:
    """Returns the command lines that begin with the network of a run, under the config and flags of this one."""
    words = ["keisei", "run", str(config or DEFAULT_CONFIG), *_flags(context), "--from", str(run_dir), "--migrate"]
    return f"{migrate_command(context, run_dir, config)}, or at once: {shlex.join(words)}"


def _flags(context: click.Context) -> Iterator[str]:
    """Yields the words that set the same keys as the flags of this command line."""
    import tomli_w

    for key, value, _ in overrides(context):
        text = value if isinstance(value, str) else tomli_w.dumps({"value": value}).partition("= ")[2].strip()
        yield from ("--set", f"{key}={' '.join(text.split())}")


def _changes_of_run(context: click.Context, run_dir: Path, settings: "Settings") -> list[str]:
    """Returns every key in which settings are others than those of the run in a folder, with both values."""
    from keisei_core.plugins import read_settings
    from keisei_core.plugins.changes import changes

    before = read_settings(run_dir / RUN_CONFIG, registry=registry_of(context))
    if before.precision.name != settings.precision.name:
        settings = _settled(settings)
    return changes(before, settings)


def _settled(settings: "Settings") -> "Settings":
    """Returns settings with the precision that a run of them names in its folder; loads torch."""
    from keisei_core.run.device import choose_device
    from keisei_core.run.settled_precision import settled

    return settled(settings, settings.precision.build(choose_device(settings.run)))
