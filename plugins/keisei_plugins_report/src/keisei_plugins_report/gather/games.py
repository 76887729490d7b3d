"""The games of the page: which ones, and what is shown of each."""

from collections.abc import Iterator, Sequence
from itertools import accumulate, chain, zip_longest
from statistics import median
from typing import Any, Final

from keisei_core.records import Game, as_text
from keisei_plugins_report.gather.opinions import Opinion

SHARE_LOST: Final = 0.6
"""Of the games, at most, unless there are too few others."""
SHARE_OTHERS: Final = 0.8
"""Of the games, the lost ones and others of matches."""
NEAR: Final = 4
MOST_PLIES: Final = 12_000
"""With likely moves on a page, some 50 bytes each."""
RECORD_HEAD: Final = "手数----"
"""Begins the line of KIF above the moves."""


def chosen_games(games: Sequence[Game], most: int) -> list[Game]:
    """Returns the games that are shown: of the latest matches lost ones first, then others, then those of self-play.

    Opponents take turns, so that one who wins often leaves room for the others.
    """
    matches = [game for game in games if game.first]
    lost = list(_in_turn([game for game in matches if game.is_lost]))
    others = list(_in_turn([game for game in matches if not game.is_lost]))
    selfplay = [game for game in reversed(games) if not game.first]
    first = lost[: round(most * SHARE_LOST)]
    second = others[: round(most * SHARE_OTHERS) - len(first)]
    third = selfplay[: most - len(first) - len(second)]
    left = most - len(first) - len(second) - len(third)
    more = lost[len(first) : len(first) + left]
    return [*first, *more, *second, *others[len(second) : len(second) + left - len(more)], *third]


def _in_turn(games: Sequence[Game]) -> Iterator[Game]:
    """Yields games, those of the latest update first and opponents in turn."""
    for update in sorted({game.update or 0 for game in games}, reverse=True):
        by_opponent: dict[str, list[Game]] = {}
        for game in games:
            if (game.update or 0) == update:
                by_opponent.setdefault(opponent_of(game), []).append(game)
        yield from (game for game in chain(*zip_longest(*by_opponent.values())) if game is not None)


def opponent_of(game: Game) -> str:
    """Returns the name of the player whom the network met."""
    black, white = game.names
    return white if game.first == "black" else black


def game_data(game: Game, opinion: Opinion) -> dict[str, Any]:
    """Returns a game as the page takes it.

    `values` are expected results for the side that moves, by ply; `policies` the likeliest moves with their chances in
    per cent, by ply. `turning` is the ply in whose position the network thought for the last time that it was not
    behind, None where it did not lose or always was. `kif` has the lines above and below the moves.
    """
    black, white = game.names
    values = opinion.values or [None if value is None else round(value, 2) for value in game.values]
    return {
        "update": game.update,
        "match": game.match,
        "black": black,
        "white": white,
        "first": game.first,
        "lost": game.is_lost,
        "sfen": game.start,
        "moves": list(game.moves),
        "ending": game.ending,
        "winner": game.winner,
        "values": values,
        "policies": opinion.policies,
        "missed": opinion.missed,
        "hanging": opinion.hanging,
        "mates": opinion.mates,
        "turning": turning_ply(game, values),
        "kif": _frame(game),
    }


def within_room(games: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns games of which the first have likely moves, `MOST_PLIES` at most, and the others none.

    Args:
        games: as `game_data` gives them.
    """
    plies = accumulate(len(game["policies"]) for game in games)
    return [
        game if so_far <= MOST_PLIES else {**game, "policies": []} for game, so_far in zip(games, plies, strict=True)
    ]


def turning_ply(game: Game, values: Sequence[float | None]) -> int | None:
    """Returns where a lost game turned, in the eyes of the network that lost it; see `game_data`.

    A value swings while pieces are being exchanged: the median of those of `NEAR` plies before and after is looked at.
    """
    if not game.is_lost:
        return None
    begins = game.first_begins
    own = [None if value is None else value if (ply % 2 == 0) == begins else -value for ply, value in enumerate(values)]
    near = (
        [value for value in own[max(ply - NEAR, 0) : ply + NEAR + 1] if value is not None] for ply in range(len(own))
    )
    return max((ply for ply, values in enumerate(near) if values and median(values) >= 0), default=None)


def _frame(game: Game) -> dict[str, str]:
    """Returns the lines of KIF above and below those of the moves."""
    lines = as_text(game, "kif").splitlines()
    begin = next(at for at, line in enumerate(lines) if line.startswith(RECORD_HEAD)) + 1
    return {"head": "\n".join(lines[:begin]), "tail": "\n".join(lines[begin + len(game.moves) :])}
