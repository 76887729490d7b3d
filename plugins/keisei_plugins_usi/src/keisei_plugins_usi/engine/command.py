"""`keisei usi`: a player as an engine. What it takes to play is loaded at `isready`."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from keisei_core.cli.core_command import CoreCommand
from keisei_core.cli.options import CONTEXT, PATH, Invocation, debug_option
from keisei_core.cli.plugin_files import takes_plugin_files

if TYPE_CHECKING:
    from keisei_core.plugins import Choice
    from keisei_plugins_usi.engine.searcher import Searcher

EXAMPLES: Final = (
    ("keisei usi runs/mine", "its newest network, which searches while the clock allows"),
    ("keisei usi runs/mine --launcher engines", "a file that ShogiHome can register, tried"),
    ("keisei usi --player alphabeta:depth=3", "any other player"),
)
REGISTER = """{file}
usiok after {trial.hello_s:.1f} s, readyok after {trial.ready_s:.1f} s, with one second for a move {trial.move} after \
{trial.move_s:.1f} s

In ShogiHome: Settings, Manage Engines, Add; choose the file above; Save & Close. It then stands among the players of
Start Game and the engines of Start Research. Other programs: register the same file as a USI engine."""


@takes_plugin_files
@click.command(cls=CoreCommand, examples=EXAMPLES, context_settings=CONTEXT)
@click.argument("path", metavar="[PATH]", type=PATH, required=False)
@click.option("--player", metavar="PLAYER", help="Any player in the place of a network that searches.")
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where a network computes.",
)
@click.option(
    "--launcher",
    type=PATH,
    metavar="FOLDER",
    help="Write a file into FOLDER that a user interface can register, and try it; speaks no USI.",
)
@debug_option
@click.pass_context
def usi(context: click.Context, path: Path | None, player: str | None, device: str, launcher: Path | None) -> int:
    """Speaks USI on stdin and stdout: an engine for ShogiHome and the like.

    PATH is the network of a run, a checkpoint or an export, or keisei: for the one that comes with Keisei. It thinks by
    the search of keisei-plugins-search where that is installed, for as long as the clock allows, else it plays by its
    policy. --player takes any other player, written as for `keisei match`: PATH is the policy alone there,
    search:network=PATH,simulations=400 a search of one size.
    """
    from keisei_core.config.paths import from_anywhere
    from keisei_core.plugins import load_registry
    from keisei_plugins_usi.engine.player import chosen_player, name_of, plugin_words, text_from_anywhere

    choice = chosen_player(path, player, load_registry())
    name = name_of(path, player)
    if launcher is not None:
        player_words = ["--player", text_from_anywhere(choice)] if path is None else [from_anywhere(str(path))]
        make_launcher(launcher, name, [*player_words, "--device", device, *plugin_words()])
        return 0
    context.ensure_object(Invocation).ends_at_once = True
    return speak(name, choice, device)


def make_launcher(folder: Path, name: str, arguments: list[str]) -> None:
    """Writes a launcher, has the kernels compiled that are missing, tries it, and says what to do with it.

    An older one stays until the new one has played.

    Args:
        folder: where.
        name: of the player.
        arguments: of `keisei usi`, which mean the same in every working folder.

    Raises:
        KeiseiError: it can't be written, or the engine does not play; then there is no new file.
    """
    from keisei_core.output import answer
    from keisei_core.streams import say
    from keisei_core.warm import compile_all
    from keisei_plugins_usi.engine.launcher import place_launcher, write_launcher
    from keisei_plugins_usi.engine.trial import try_launcher

    file = write_launcher(folder, name, arguments)
    try:
        say("keisei: compiling kernels that are missing, then the engine is tried")
        compile_all()
        trial = try_launcher(file)
        file = place_launcher(file)
    except BaseException:
        file.unlink()
        raise
    answer(REGISTER.format(file=file, trial=trial))


def speak(label: str, choice: "Choice", device: str) -> int:
    """Speaks USI until the end; returns the exit code."""
    from keisei_plugins_usi.engine.options import OWN_OPTIONS, Options
    from keisei_plugins_usi.engine.player import build
    from keisei_plugins_usi.engine.player_options import offered
    from keisei_plugins_usi.engine.process import serve
    from keisei_plugins_usi.engine.streams import Streams

    def searcher() -> "Searcher":
        from keisei_plugins_usi.engine.searcher import Searcher

        return Searcher(lambda values: build(choice, values, device))

    options = Options((*OWN_OPTIONS, *(found.option for found in offered(choice))))
    return serve(f"Keisei {label}", options, searcher, Streams())
