"""`keisei usi`: a player as an engine. What it takes to play is loaded at `isready`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, Invocation, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files

if TYPE_CHECKING:
    from keisei_core.plugins import Choice
    from keisei_plugins_usi.engine.searcher import Searcher


@takes_plugin_files
@click.command(cls=CoreCommand, context_settings=CONTEXT)
@click.argument("path", metavar="[PATH]", type=PATH, required=False)
@click.option("--player", metavar="PLAYER", help="Any player in the place of a network that searches.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where a network computes.",
)
@debug_option
@click.pass_context
def usi(context: click.Context, path: Path | None, player: str | None, device: str) -> int:
    """Speaks USI on stdin and stdout: an engine for ShogiHome and the like.

    PATH is the network of a run, a checkpoint or an export. It thinks by the search of keisei-plugins-search where that
    is installed, for as long as the clock allows, else it plays by its policy. --player takes any other player, written
    as for `keisei match`: PATH is the policy alone there, search:network=PATH,simulations=400 a search of one size.
    """
    from keisei_core.plugins import load_registry
    from keisei_plugins_usi.engine.player import chosen_player

    choice = chosen_player(path, player, load_registry())
    context.ensure_object(Invocation).ends_at_once = True
    return speak(player or str(path), choice, device)


def speak(label: str, choice: "Choice", device: str) -> int:
    """Speaks USI until the end; returns the exit code."""
    from keisei_core.records import short_name
    from keisei_plugins_usi.engine.options import OWN_OPTIONS, Options
    from keisei_plugins_usi.engine.player import build
    from keisei_plugins_usi.engine.player_options import offered
    from keisei_plugins_usi.engine.process import serve
    from keisei_plugins_usi.engine.streams import Streams

    def searcher() -> "Searcher":
        from keisei_plugins_usi.engine.searcher import Searcher

        return Searcher(lambda values: build(choice, values, device))

    options = Options((*OWN_OPTIONS, *(found.option for found in offered(choice))))
    return serve(f"Keisei {short_name(label)}", options, searcher, Streams())
