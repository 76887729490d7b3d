"""Where the games of a run start, as its config says."""

from collections.abc import Sequence

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.config.tables import SelfPlayTable
from keisei_core.errors import ConfigError, PluginError, SfenError
from keisei_core.plugins import Choice
from keisei_core.shogi.positions import Positions
from keisei_core.shogi.sfen import parse_sfen
from keisei_core.shogi.start_pool import StartPool
from keisei_core.shogi.start_source import DrawnStart, StartContext, StartSource
from keisei_core.shogi.starts import check_playable


def configured_starts(starts: Sequence[str | Choice], table: SelfPlayTable, seed: int = 0) -> StartPool:
    """Builds where games start.

    Args:
        starts: the entries of `[selfplay] starts`: SFENs, names of positions, and components of the others.
        table: what else `[selfplay]` says of starts.
        seed: of the pool's random stream.

    Raises:
        ConfigError: a start is no SFEN and no name, or can't be played on; or a component refuses its options.
        PluginError: a component does not build.
    """
    return StartPool([_entry(start, table.max_plies) for start in starts], table, seed)


def _entry(start: str | Choice, max_plies: int) -> Positions | DrawnStart:
    if isinstance(start, str):
        return _position(start, max_plies)
    source: StartSource = start.build(StartContext(max_plies=max_plies))
    owner = str(start.owner)
    if not callable(getattr(source, "draw", None)):
        raise PluginError(f"start {start.name!r} of {owner} must have a method draw, got {type(source).__name__}")
    return DrawnStart(name=start.name, owner=owner, source=source, max_plies=max_plies)


def _position(text: str, max_plies: int) -> Positions:
    """Reads one position.

    Raises:
        ConfigError: it is none, or can't be played on.
    """
    try:
        position = parse_sfen(NAMED_STARTS.get(text, text))
        check_playable(position, max_plies)
    except SfenError as error:
        named = ", ".join(NAMED_STARTS)
        raise ConfigError([f"[selfplay] starts: {error}; write an SFEN or one of {named}"]) from error
    return position
