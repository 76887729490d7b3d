"""Where the games of a run start, as its config says: from given positions, some deeper in the game."""

from typing import Final

import attrs

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.config.tables import SelfPlayTable
from keisei_core.errors import ConfigError, SfenError
from keisei_core.shogi.games import Games
from keisei_core.shogi.starts import Starts, check_playable, join

LEAST_STARTS: Final = 1024
"""Positions to draw from where some of them are middle-game starts."""


def with_midgame(starts: Starts, *, share: float, plies: int, seed: int) -> Starts:
    """Lets a share of the games begin deeper: from positions reached by random plies, drawn once.

    Args:
        starts: where games begin otherwise; its own random plies are played from all positions.
        share: of the games, above 0 and below 1.
        plies: each of the positions lies 0 to so many random plies after one of `starts`, each number as likely.
        seed: of the random plies.
    """
    num_repeats = max(1, round((1 - share) * LEAST_STARTS / len(starts.positions)))
    plain = join([starts.positions] * num_repeats)
    num_deeper = max(1, round(len(plain) * share / (1 - share)))
    deeper = Games(num_deeper, starts=attrs.evolve(starts, random_plies=plies, min_random_plies=0), seed=seed).positions
    return attrs.evolve(starts, positions=join([plain, deeper]))


def configured_starts(table: SelfPlayTable, seed: int = 0) -> Starts:
    """Reads where games start from `[selfplay]`.

    Args:
        table: what the config says.
        seed: of the random plies that lead to middle-game starts.

    Raises:
        ConfigError: A start is no SFEN and no name, or can't be played on.
    """
    try:
        starts = Starts.from_sfens(table.starts, random_plies=table.opening_plies, mirror=table.mirror)
        check_playable(starts.positions, table.max_plies)
    except SfenError as error:
        named = ", ".join(NAMED_STARTS)
        raise ConfigError([f"[selfplay] starts: {error}; write an SFEN or one of {named}"]) from error
    if not table.midgame_share:
        return starts
    return with_midgame(starts, share=table.midgame_share, plies=table.midgame_plies, seed=seed)
