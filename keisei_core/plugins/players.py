"""How a player is written: `NAME`, `NAME:key=value,key=value`, or a path, which means the network in it.

In the place of a path stands `keisei:`, with options behind it, or another network that comes with a plugin. Who plays
a network is told by the options: `checkpoint`, unless another player alone has them.
"""

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from keisei_core.config.checkpoint_options import BEST, CheckpointOptions
from keisei_core.config.checks import key_behind_name, network_keys
from keisei_core.config.paths import is_named, near_path
from keisei_core.config.wording import nearest
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.component_text import (
    PATH,
    WORD,
    changed_options,
    choice_with,
    joined,
    renamed,
    split_name,
    split_text,
    twice,
)
from keisei_core.plugins.components import Kind
from keisei_core.plugins.config_tables import Tables, with_tables
from keisei_core.plugins.networks import named_network, named_networks
from keisei_core.plugins.registry import Registry

CHECKPOINT: Final = "checkpoint"
"""The player that a path means; its option `path` is the path."""
CHECKPOINT_REFERENCE: Final = f"keisei:{CHECKPOINT}"


def parse_player(text: str, names: Collection[str], networks: Collection[str] = ()) -> tuple[str, dict[str, object]]:
    """Takes the text of a player apart.

    What has a slash in it or begins with `.` or `~` is a path, and so is a network that comes with a plugin; so is what
    is no name but the name of something in the working folder.

    Args:
        text: e.g. `random`, `alphabeta:depth=2,random_moves=0.2`, `runs/mine:temperature=0.5`, `runs/mine:best`.
        names: of players, as plugins declare them.
        networks: names of those that come with plugins; a player's name goes before them.

    Returns:
        The player's name, or `distribution:name`, and its options; values as TOML has them, bare words as strings.

    Raises:
        ConfigError: it is empty, or an option stands twice.
    """
    player, options = split_text(text, Kind.PLAYER)
    player = _with_colon(player, bool(options), names, networks)
    if _is_path(player, names):
        if PATH in options:
            raise twice(text, Kind.PLAYER)
        return CHECKPOINT, {PATH: player, **options}
    return player, options


def _with_colon(player: str, has_options: bool, names: Collection[str], networks: Collection[str]) -> str:
    """Gives a network's name the colon back that ended it and stood before the options."""
    return f"{player}:" if has_options and player.rpartition(":")[2] in set(networks) - set(names) else player


def spelled_out(text: str, registry: Registry) -> tuple[str, dict[str, object]]:
    """Takes the text of a player apart as `parse_player` does; what stands behind its name is among the options.

    Raises:
        ConfigError: see `parse_player`; or no plugin brings a network of that name.
    """
    reference, options = parse_player(text, player_names(registry), network_names(registry))
    if is_named(path := str(options.get(PATH, ""))):
        named_network(path, registry)
    name, word, key = _word_behind_name(reference, registry)
    if not key:
        return reference, options
    if key in options:
        raise twice(text, Kind.PLAYER)
    return name, {key: word, **options}


def _word_behind_name(reference: str, registry: Registry) -> tuple[str, str, str]:
    """Takes `NAME:WORD` apart where NAME is a player that has a key for it: `usi:fairy-d1`.

    Returns:
        Name, word and key; all but the first are empty where it has not that form.
    """
    name, _, word = reference.rpartition(":")
    if name.rpartition(":")[2] in player_names(registry):
        with suppress(ConfigError, PluginError):  # told where the player is looked up
            cls = registry.find(Kind.PLAYER, name).load_options_class()
            if cls is not None and (key := key_behind_name(cls)) is not None:
                return name, word, key
    return reference, "", ""


def _is_path(player: str, names: Collection[str]) -> bool:
    if "/" in player or player.startswith((".", "~")) or is_named(player):
        return True
    if player.rpartition(":")[2] in names:
        return False
    return os.path.exists(player) or os.path.exists(player.removesuffix(BEST))


def player_choice(text: str, registry: Registry, tables: Tables | None = None) -> Choice:
    """Finds the player that a text means, with its options.

    Args:
        text: as the user wrote it.
        registry: where names are looked up.
        tables: of a config that players may want, see `keisei_core.config.from_table`; None where there is no config.

    Raises:
        ConfigError: nobody provides it, or its options are wrong; all problems at once.
        PluginError: its plugin fails.
    """
    return with_tables(_player_choice(text, registry), tables or {})


def _player_choice(text: str, registry: Registry) -> Choice:
    reference, options = spelled_out(text, registry)
    long_form = _long_form(text, options)
    if long_form and os.path.exists(text) and not os.path.exists(str(options[PATH])):
        raise ConfigError([f"player {text!r}: nothing stands at {options[PATH]!r}{long_form}"])
    if reference == CHECKPOINT:
        reference, options = _who_plays(options, registry)
    try:
        return choice_with(text, Kind.PLAYER, reference, options, registry)
    except ConfigError as error:
        if nearest(reference, network_names(registry)):
            named_network(reference, registry)
        no_path = _no_path(reference, registry)
        raise ConfigError([f"{no_path}{problem}{long_form}" for problem in error.problems]) from error


def _no_path(reference: str, registry: Registry) -> str:
    """Says that what looks like no player at all is no path either, which was probably meant."""
    if nearest(reference.rpartition(":")[2], player_names(registry)):
        return ""
    return f"{reference!r} is no path that exists{near_path(Path(reference.removesuffix(BEST)))}; "


def _long_form(text: str, options: dict[str, object]) -> str:
    """Says how a path is written that has a colon in it, where one was taken for options."""
    path = options.get(PATH)
    if not isinstance(path, str) or not text.startswith(f"{path}:"):
        return ""
    return f"; {path!r} was taken for the path; one with a colon in it is written {CHECKPOINT}:{PATH}={text}"


def network_choice(path: Path, registry: Registry, temperature: float) -> Choice:
    """Returns the player that plays the network at a path, whatever characters the path has.

    Raises:
        PluginError: its plugin fails.
    """
    choice = registry.resolve(Kind.PLAYER, CHECKPOINT_REFERENCE)
    options = CheckpointOptions(path=str(path), temperature=temperature)
    return attrs.evolve(choice, options=options)


def full_player(text: str, choice: Choice, registry: Registry) -> str:
    """Writes the text of a player so that it means the same whatever is installed or lies in the working folder.

    Args:
        text: as the user wrote it.
        choice: what `player_choice` found.
        registry: where it was found.
    """
    name, options = split_name(text, Kind.PLAYER)
    names = player_names(registry)
    name = _with_colon(name, options is not None, names, network_names(registry))
    if not _is_path(name, names):
        _, word, key = _word_behind_name(name, registry)
        return renamed(text, Kind.PLAYER, f"{choice.reference}:{word}" if key else choice.reference)
    key = PATH if choice.name == CHECKPOINT else network_keys(type(choice.options))[0]
    return ",".join(filter(None, (f"{choice.reference}:{key}={name}", options)))


def _who_plays(options: dict[str, object], registry: Registry) -> tuple[str, dict[str, object]]:
    """Returns who plays a network with such options: `checkpoint`, or the one other player that has all of them."""
    wanted = set(options) - {PATH}
    found = []
    for choice in registry.choices(Kind.PLAYER):
        with suppress(PluginError):  # one that does not load is told where it is used
            cls = choice.load_options_class()
            networks = () if cls is None else network_keys(cls)
            if cls is not None and networks and wanted <= {field.name for field in attrs.fields(cls)}:
                found.append((choice.name, networks[0]))
    if len(found) != 1 or PATH not in options:
        return CHECKPOINT, options
    name, key = found[0]
    return name, {key if option == PATH else option: value for option, value in options.items()}


def network_names(registry: Registry) -> frozenset[str]:
    """Returns the names of all networks that come with plugins."""
    return frozenset(network.name for network in named_networks(registry))


def player_names(registry: Registry) -> frozenset[str]:
    """Returns the names of all players that are installed."""
    return frozenset(choice.name for choice in registry.choices(Kind.PLAYER))


def player_text(choice: Choice) -> str:
    """Writes a player so that `player_choice` finds it again; options at their defaults are left out."""
    options, name, word = changed_options(choice), choice.label, ""
    if choice.name == CHECKPOINT and PATH in options and _is_path(str(options[PATH]), ()):
        name = str(options.pop(PATH))
        name = name.removesuffix(":") if options and is_named(name) else name
    key = None if choice.options is None else key_behind_name(type(choice.options))
    if key is not None and WORD.fullmatch(str(options.get(key, ""))):
        word = str(options.pop(key))
    return joined(name, options, word)
