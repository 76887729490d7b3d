"""The core's own sub-commands of `keisei`, whose names no plugin's command can have."""

from typing import Final, NamedTuple


class CoreCommand(NamedTuple):
    """A command of the core."""

    target: str
    """`module:attribute` of the `click.Command`, imported when it is called."""
    summary: str
    """Its line in `keisei --help`."""


CORE_COMMANDS: Final = {
    "benchmark": CoreCommand("keisei_core.cli.benchmark:benchmark", "Measure speed, memory and strength."),
    "check": CoreCommand("keisei_core.cli.runs:check", "Build all of a run, train nothing."),
    "completion": CoreCommand("keisei_core.cli.completing.command:completion", "Let a shell complete what is typed."),
    "export": CoreCommand("keisei_core.cli.export:export", "Write the network of a run as two small files and a card."),
    "games": CoreCommand("keisei_core.cli.games:games", "Read games: a list of them, or one as KIF, CSA or USI."),
    "init": CoreCommand("keisei_core.cli.init:init", "Write a config with every key explained."),
    "ladder": CoreCommand("keisei_core.cli.ladder:ladder", "Rate checkpoints on one scale."),
    "match": CoreCommand("keisei_core.cli.match:match", "Play one player against another."),
    "migrate": CoreCommand("keisei_core.cli.migrate:migrate", "Bring a checkpoint to another config."),
    "plugins": CoreCommand("keisei_core.cli.plugins:plugins", "Look at plugins, make one."),
    "resume": CoreCommand("keisei_core.cli.runs:resume", "Go on with a run."),
    "run": CoreCommand("keisei_core.cli.runs:run", "Train a player by self-play."),
    "show": CoreCommand("keisei_core.cli.show:show", "Show what a network says of a position."),
    "warm": CoreCommand("keisei_core.cli.warm:warm", "Compile all kernels, for images and CI."),
}
"""By name, in the order of the help."""
