"""How a player is written: `NAME`, `NAME:key=value,key=value`, or a path, which means the network in it."""

import re
from collections.abc import Collection
from pathlib import Path
from typing import Any, Final

import attrs

from keisei_core.config.document import parse_value
from keisei_core.errors import ConfigError
from keisei_core.plugins.choice import Choice
from keisei_core.plugins.components import Kind
from keisei_core.plugins.registry import Registry

CHECKPOINT: Final = "checkpoint"
"""The player that a path means; its option `path` is the path."""
FORM: Final = re.compile(r"(?P<player>.+?)(:(?P<options>\w+=.*))?", re.DOTALL)
BETWEEN_OPTIONS: Final = re.compile(r",(?=\w+=)")


def parse_player(text: str, names: Collection[str]) -> tuple[str, dict[str, object]]:
    """Takes the text of a player apart.

    What has a slash in it or begins with `.` or `~` is a path; so is what is no name but the name of something in the
    working folder.

    Args:
        text: e.g. `random`, `alphabeta:depth=2,random_moves=0.2`, `runs/mine:temperature=0.5`.
        names: of players, as plugins declare them.

    Returns:
        The player's name, or `distribution:name`, and its options; values as TOML has them, bare words as strings.

    Raises:
        ConfigError: it is empty, or an option stands twice.
    """
    match = FORM.fullmatch(text.strip())
    if match is None:
        raise ConfigError(["expected a player, got an empty text; write a name or the path of a run or a checkpoint"])
    player, written = match["player"], match["options"]
    given = [] if written is None else [option.partition("=") for option in BETWEEN_OPTIONS.split(written)]
    if _is_path(player, names):
        given.insert(0, ("path", "=", player))
        player = CHECKPOINT
    options = {key.strip(): value.strip() if key == "path" else parse_value(value.strip()) for key, _, value in given}
    if len(options) < len(given):
        raise ConfigError([f"player {text!r}: an option stands twice"])
    return player, options


def _is_path(player: str, names: Collection[str]) -> bool:
    if "/" in player or player.startswith((".", "~")):
        return True
    return player.rpartition(":")[2] not in names and Path(player).exists()


def player_choice(text: str, registry: Registry) -> Choice:
    """Finds the player that a text means, with its options.

    Raises:
        ConfigError: nobody provides it, or its options are wrong; all problems at once.
        PluginError: its plugin fails.
    """
    from keisei_core.config.structure import structure  # loads cattrs, which help and listings do without

    reference, options = parse_player(text, player_names(registry))
    choice = registry.resolve(Kind.PLAYER, reference)
    cls = choice.load_options_class()
    if cls is None:
        if options:
            raise ConfigError([f"player {text!r}: {choice.name!r} has no options, got {', '.join(options)}"])
        return choice
    read = structure(cls, options)
    if read.problems:
        raise ConfigError([f"player {text!r}: {problem}" for _, problem in read.problems])
    return attrs.evolve(choice, options=read.value)


def player_names(registry: Registry) -> frozenset[str]:
    """Returns the names of all players that are installed."""
    return frozenset(choice.name for choice in registry.choices(Kind.PLAYER))


def player_text(choice: Choice) -> str:
    """Writes a player so that `player_choice` finds it again; options at their defaults are left out."""
    options = {} if choice.options is None else attrs.asdict(choice.options)
    defaults = (
        {} if choice.options is None else {field.name: field.default for field in attrs.fields(type(choice.options))}
    )
    changed = {key: value for key, value in options.items() if value != defaults[key]}
    name = choice.reference
    if choice.name == CHECKPOINT and "path" in changed and _is_path(str(changed["path"]), ()):
        name = str(changed.pop("path"))
    written = ",".join(f"{key}={_written(value)}" for key, value in changed.items())
    return f"{name}:{written}" if written else name


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
