"""`keisei watch`: a page on a run that grows with it."""

from pathlib import Path
from typing import Final

import click

from keisei_core.cli.completing import places
from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, Invocation, debug_option

EXAMPLES: Final = (
    ("keisei watch", "the newest run in runs/"),
    ("keisei watch runs/mine --port 8123", "one run, at a port of your choice"),
    ("keisei watch runs/mine --no-browser", "print the address and open nothing"),
)
PORTS: Final = click.IntRange(1024, 65535)


@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("run", metavar="[RUN]", required=False, type=PATH, shell_complete=places)
@click.option("--port", type=PORTS, help="Where to listen; a free port by default.")
@click.option("--browser/--no-browser", "opens_browser", default=True, show_default=True, help="Open the page at once.")
@debug_option
@click.pass_context
def watch(context: click.Context, run: Path | None, port: int | None, opens_browser: bool) -> None:
    """Shows the run in the folder RUN in the browser while it trains: the page of its report, which grows.

    Curves, games on a board, how long it takes, a button that saves and stops it, and a game against its newest
    network. The page is for this machine alone, and for who knows the address that is printed. Ctrl-C ends the page;
    the run goes on.
    """
    from keisei_core.arena.player import closing
    from keisei_plugins_watch.game.part import game_part
    from keisei_plugins_watch.game.run_session import session_of_run
    from keisei_plugins_watch.live.find_run import found_run
    from keisei_plugins_watch.live.part import watching
    from keisei_plugins_watch.server import serve

    path = found_run(run)
    context.ensure_object(Invocation).ends_at_once = True
    with closing(session := session_of_run(path)):
        parts = [watching(path), game_part(session)]
        serve(parts, page="/", wish=str(path.absolute()), port=port, opens_browser=opens_browser)
