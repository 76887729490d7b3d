"""Which player the engine is, by what its user wrote; loads neither torch nor numba."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from keisei_core.config import home_path
from keisei_core.config.checkpoint_options import BEST
from keisei_core.config.checks import network_keys
from keisei_core.config.paths import from_anywhere, is_named
from keisei_core.errors import CheckpointError, ConfigError
from keisei_core.plugins import Choice, Kind, Registry
from keisei_core.plugins.component_text import changed_options, joined
from keisei_core.plugins.networks import named_network
from keisei_core.plugins.players import network_choice, player_choice
from keisei_core.plugins.plugin_file import files_in_use
from keisei_plugins_usi.engine.player_options import options_of, with_values

if TYPE_CHECKING:
    from keisei_core.arena import Player

SEARCH: Final = "search"
"""The player that a network by its path thinks with, where it is installed."""
OUTSIDE: Final = "usi"
"""The player that is an engine from outside."""
CHECKPOINTS: Final = "checkpoints"
BEFORE_NAME: Final = re.compile(r"[^:=,]*/(?=[^/])")
"""The folders of a path in a player's text."""
SIMULATIONS: Final = "simulations"
"""A searching player's option that says how many positions it looks at for a move."""


def chosen_player(path: Path | None, text: str | None, registry: Registry) -> Choice:
    """Returns the player that is meant: a network that searches, where that is installed, or any player by its text.

    Args:
        path: of a network.
        text: of a player, see `player_choice`.
        registry: where names are looked up.

    Raises:
        KeiseiError: there is none, or both are given.
    """
    if (path is None) == (text is None):
        raise ConfigError(["expected the path of a network or --player, got both or neither; name one of them"])
    if text is not None:
        return player_choice(text, registry)
    assert path is not None
    require_something(path, registry)
    if not registry.owners(Kind.PLAYER, SEARCH):
        return network_choice(path, registry, temperature=0.0)
    return with_network(registry.resolve(Kind.PLAYER, SEARCH), path)


def name_of(path: Path | None, text: str | None) -> str:
    """Returns what others see of a player: its text without folders, of a checkpoint in a run that run's name too."""
    if path is None:
        return BEFORE_NAME.sub("", text or "")
    whole = Path(path.name.removesuffix(":")).absolute() if is_named(path) else path.absolute()
    return f"{whole.parents[1].name} {whole.name}" if whole.parent.name == CHECKPOINTS else whole.name


def text_from_anywhere(choice: Choice) -> str:
    """Returns a player's text that means the same in every working folder.

    Raises:
        ConfigError: there is none: it names an engine from outside, and not the file that has it.
    """
    options = changed_options(choice)
    if choice.name == OUTSIDE and not options.get("file"):
        raise ConfigError([f"player {choice.name!r}: which engine it is stands in the working folder; name file=FILE"])
    networks = network_keys(type(choice.options)) if choice.options is not None else ()
    paths = {key: from_anywhere(options[key]) for key in networks if options.get(key)}
    return joined(choice.reference, options | paths)


def plugin_words() -> list[str]:
    """Returns the words of the command line that load the plugin files which this process loads."""
    return [word for file in files_in_use() for word in ("--plugin", str(file.path.absolute()))]


def require_something(path: Path, registry: Registry) -> None:
    """Refuses a path where nothing stands; what stands there is looked at when it is loaded.

    Raises:
        CheckpointError: nothing does.
        ConfigError: no plugin brings a network of that name.
    """
    if is_named(path):
        named_network(str(path), registry)
    elif not (path.exists() or (path.name.endswith(BEST) and Path(str(path).removesuffix(BEST)).exists())):
        raise CheckpointError(path, "expected a run folder, a checkpoint or an exported network, got nothing there")


def with_network(choice: Choice, path: Path) -> Choice:
    """Returns a player that plays another network."""
    options: Any = options_of(choice)
    keys = network_keys(type(options)) if options is not None else ()
    if not keys:
        raise ConfigError([f"player {choice.name!r} has no network, got the path {path}"])
    return attrs.evolve(choice, options=attrs.evolve(options, **{keys[0]: str(path)}))


def simulations_of(choice: Choice) -> int | None:
    """Returns how many positions a search is to look at for a move, where somebody said so; else the clock decides."""
    simulations: int | None = changed_options(choice).get(SIMULATIONS)
    return simulations


def build(choice: Choice, values: Mapping[str, str], device: str) -> tuple["Player", int | None]:
    """Makes the player, with what a user interface has set; loads all that it takes.

    Args:
        choice: the player.
        values: of the engine's options, by their names.
        device: `auto`, `cpu` or `cuda`.

    Returns:
        The player, and `simulations_of` it.

    Raises:
        KeiseiError: it can't be made.
    """

    from keisei_core.arena import PlayerContext
    from keisei_core.config.tables import RunTable
    from keisei_core.run.device import choose_device, use_threads

    # Freed memory goes back to the system: room for a large tree is there at once only where its pages come fresh.
    table = RunTable(device=device, threads=int(values["Threads"]))
    use_threads(table)
    where = choose_device(table)
    choice = with_values(choice, values)
    if values["Path"]:
        choice = with_network(choice, home_path(Path(values["Path"])))
    player: Player = choice.build(PlayerContext(seed=int.from_bytes(os.urandom(4)), device=where))
    return player, simulations_of(choice)
