"""Values of options and arguments that may be typed next: names of components, players, keys of the config."""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import click
from click.shell_completion import CompletionItem

from keisei_core.cli.completing.places import ANY_FILE, known_places, named_networks

if TYPE_CHECKING:  # help needs none of them
    from keisei_core.cli.keys import Key
    from keisei_core.plugins import Registry

Completer = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
"""Takes what is typed of a value so far."""
MORE: Final = "more"
"""Type of an item behind which something must follow: no space is put there."""
BEST: Final = "best"
NAMED_BY: Final = {
    "input.features": "features",
    "selfplay.starts": "start",
    "teaching.teachers": "teacher",
    "tracking.trackers": "tracker",
    "run.callbacks": "callback",
}
"""Keys whose values are names of components of a kind."""


def names(kind: str) -> Completer:
    """Completes names of components of a kind."""

    def complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return list(_matching(_named(kind), incomplete))

    return complete


def devices(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes where a run computes."""
    return list(_matching([("auto", "a GPU if there is one"), ("cpu", ""), ("cuda", "")], incomplete))


def kinds(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes kinds of components."""
    from keisei_core.plugins import Kind

    return list(_matching([(str(kind), "") for kind in Kind], incomplete))


def known(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes names of distributions and of components."""
    plugins = _registry().plugins
    offered = {plugin.owner.distribution: "" for plugin in plugins}
    offered |= {name: summary for plugin in plugins for _, name, summary in plugin.provided()}
    return list(_matching(offered.items(), incomplete))


def features(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes the last of names joined by +."""
    begin, plus, last = incomplete.rpartition("+")
    taken = begin.split("+")
    offered = [(name, told) for name, told in _named("features") if name not in taken]
    return list(_matching(offered, last, f"{begin}{plus}"))


def players(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes players: names, options behind a name, and paths of networks with options behind them."""
    player, colon, options = incomplete.partition(":")
    if colon:
        return list(_player_options(player, options))
    named = [(name, told) for name, told in _named("player") if name != "checkpoint"]
    return [*_matching(named, incomplete), *named_networks(incomplete), *known_places(incomplete), ANY_FILE]


def keys(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completes TABLE.KEY=VALUE: the table, then the key, then a value where it is a name, a word or a switch."""
    from keisei_core.cli.keys import all_keys

    registry = _registry()
    path, equals, value = incomplete.partition("=")
    found = {key.path: key for key in all_keys(registry)}
    if equals:
        return list(_matching(_offered(found[path]), value, f"{path}=")) if path in found else []
    if "." not in path:
        tables = dict.fromkeys(f"{key.table}." for key in found.values())
        return list(_matching([(table, "") for table in tables], path, type=MORE))
    offered = [(f"{key.path}=", key.meaning) for key in found.values()]
    return list(_matching(offered, path, type=MORE))


def _offered(key: "Key") -> Iterable[tuple[str, str]]:
    """Returns values of a key with what they mean."""
    if key.path in NAMED_BY:
        return _named(NAMED_BY[key.path])
    if key.name == "name":
        return _named(key.table)
    if key.choices:
        return [(word, "") for word in key.choices]
    return [] if key.default is None else [(_as_toml(key.default), "the default")]


def _player_options(player: str, options: str) -> Iterator[CompletionItem]:
    """Completes `key=value` behind a player."""
    begin, comma, last = options.rpartition(",")
    before = f"{player}:{begin}{comma}"
    key, equals, value = last.partition("=")
    found = _keys_of_player(player)
    if equals:
        offered = _offered(found[key]) if key in found else []
        yield from _matching(offered, value, f"{before}{key}=")
        return
    taken = {option.partition("=")[0] for option in begin.split(",")}
    if not (comma or _is_named(player) or any(named_networks(f"{player}:"))):
        yield from _matching([(BEST, "the best checkpoint of a run")], last, before)
    yield from _matching(
        [(f"{name}=", key.meaning) for name, key in found.items() if name not in taken], last, before, MORE
    )


def _keys_of_player(player: str) -> "dict[str, Key]":
    """Returns the options of a player by name; of a path those of all players that play a network."""
    from keisei_core.cli.keys import keys_of
    from keisei_core.config.checks import network_keys
    from keisei_core.errors import PluginError
    from keisei_core.plugins import Kind

    found: dict[str, Key] = {}
    for choice in _registry().choices(Kind.PLAYER):
        try:
            cls = choice.load_options_class()
        except PluginError:
            continue
        paths = () if cls is None else network_keys(cls)
        if cls is not None and (choice.name == player or (paths and not _is_named(player))):
            hidden = () if choice.name == player else paths
            for key in keys_of(cls, player):
                if key.name not in hidden:
                    found.setdefault(key.name, key)
    return found


def _is_named(player: str) -> bool:
    return any(name == player for name, _ in _named("player"))


def _named(kind: str) -> list[tuple[str, str]]:
    from keisei_core.cli.keys import named

    return list(named(_registry(), kind))


def _registry() -> "Registry":
    from keisei_core.plugins import load_registry

    return load_registry()


def _matching(
    offered: Iterable[tuple[str, str]], typed: str, before: str = "", type: str = "plain"
) -> Iterator[CompletionItem]:
    """Yields those that begin as what is typed, with what stands before it."""
    for word, told in offered:
        if word.startswith(typed):
            yield CompletionItem(f"{before}{word}", type=type, help=told or None)


def _as_toml(value: Any) -> str:
    from keisei_core.config.wording import as_toml

    return value if isinstance(value, str) else as_toml(list(value) if isinstance(value, tuple) else value)
