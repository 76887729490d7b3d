"""`keisei play`: a game against a player, in the browser."""

from typing import Final

import click

from keisei_core.cli.completing import players
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, Invocation, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files
from keisei_core.streams import say

BUNDLED: Final = "keisei:"
"""The network that comes with Keisei."""
EXAMPLES: Final = (
    ("keisei play", "against the network that comes with Keisei"),
    ("keisei play runs/mine:best", "against your own"),
    ("keisei play alphabeta:depth=2", "against any player of keisei match"),
)


@takes_plugin_files
@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("player", metavar="[PLAYER]", default=BUNDLED, shell_complete=players)
@click.option("--port", type=click.IntRange(1, 65_535), help="Listen there; a free port by default.")
@click.option("--browser/--no-browser", "opens_browser", default=True, help="Open the page at once.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where a network computes.",
)
@debug_option
@click.pass_context
def play(context: click.Context, player: str, port: int | None, opens_browser: bool, device: str) -> None:
    """Plays against PLAYER in the browser: the network that comes with Keisei, or any player of `keisei match`.

    A network by its path or name looks ahead where keisei-plugins-search is installed; the page says how far. The page
    is for this machine alone: it listens to 127.0.0.1 and asks for the token in the address.
    """
    begin_compiling()
    from keisei_core.arena.player import closing
    from keisei_core.plugins import load_registry
    from keisei_core.run.device import chosen_device
    from keisei_plugins_watch.game.opponent import Opponent
    from keisei_plugins_watch.game.part import game_part
    from keisei_plugins_watch.game.session import Session
    from keisei_plugins_watch.server import serve, shared_files
    from keisei_plugins_watch.server.application import Part

    opponent = Opponent.find(player, load_registry(), chosen_device(device, 0))
    say(f"keisei: you play against {opponent.name}")
    context.ensure_object(Invocation).ends_at_once = True
    session = Session(lambda: opponent)
    with closing(session):
        parts = [game_part(session), Part(shared_files())]
        serve(parts, page="/game/", port=port, opens_browser=opens_browser)


def begin_compiling() -> None:
    """Has kernels compiled that no disk has yet while this process loads torch, which takes seconds."""
    from keisei_core.warm import compile_ahead

    compile_ahead()
