"""A match of paired games: every random opening is played twice, once with each colour, many games at once.

Truncated games count half a point and are counted apart from draws.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

import attrs

from keisei_core.arena.openings import Openings, draw_openings
from keisei_core.arena.parallel_games import FinishedGame, ParallelGames
from keisei_core.arena.player import Player
from keisei_core.arena.score import Score, Tally, outcomes_of
from keisei_core.arena.sprt import Sprt, Verdict

AT_ONCE: Final = 512

Pair = tuple[FinishedGame, FinishedGame]


def nobody(*_: object) -> None:
    """Watches nothing."""


def play_match(
    first: Player,
    second: Player,
    *,
    num_games: int,
    max_plies: int,
    opening_plies: int,
    seed: int,
    at_once: int = AT_ONCE,
    sprt: Sprt | None = None,
    watch: Callable[[Pair, Tally], None] = nobody,
    ended: Callable[[FinishedGame], None] = nobody,
    known: Mapping[int, str] | None = None,
) -> Score:
    """Plays the games and returns the first player's score.

    Args:
        first: asked for the moves of one side of every game.
        second: asked for the other side's.
        num_games: an even number.
        max_plies: a game this long is cut off, and counted apart from draws.
        opening_plies: an opening is this many random plies from the start position, or fewer down to half as many.
        seed: of the openings; the players have their own.
        at_once: games played side by side; players with random streams play other games under another number.
        sprt: ends the match once it accepts one of its hypotheses.
        watch: called with each pair played, in the order of the openings, and the tally it is counted in.
        ended: called with each game as it ends, short ones first.
        known: pairs by opening, in the letters of `OUTCOMES`, that are counted without being played.

    Raises:
        ValueError: an odd number of games.
    """
    require_pairs(num_games)
    tally, known = Tally(), known or {}
    pairs = play_pairs(
        first,
        second,
        num_games=num_games,
        max_plies=max_plies,
        opening_plies=opening_plies,
        seed=seed,
        at_once=at_once,
        known=known,
        ended=ended,
    )
    for opening in range(num_games // 2):
        if opening in known:
            tally.count(known[opening])
        else:
            pair = next(pairs)
            tally.add(pair)
            watch(pair, tally)
        if sprt is not None and sprt.judge(tally.pairs) is not Verdict.OPEN:
            break
    return tally.score()


def play_some(
    first: Player,
    second: Player,
    *,
    openings: Collection[int],
    num_games: int,
    max_plies: int,
    opening_plies: int,
    seed: int,
    at_once: int = AT_ONCE,
    watch: Callable[[Pair], None] = nobody,
    ended: Callable[[FinishedGame], None] = nobody,
) -> dict[int, str]:
    """Plays some pairs of a match, as they are in the whole one; whoever plays the others adds up to it.

    Players without random streams play the same games as in the whole match; others draw for fewer games at a time.

    Args:
        openings: which pairs, 0 to num_games / 2 - 1.
        first, second, num_games, max_plies, opening_plies, seed, at_once: see `play_match`; of the whole match.
        watch: called with each pair played, in the order of the openings.
        ended: see `play_match`.

    Returns:
        What became of them by opening, in the letters of `OUTCOMES`.
    """
    pairs = play_pairs(
        first,
        second,
        num_games=num_games,
        max_plies=max_plies,
        opening_plies=opening_plies,
        seed=seed,
        at_once=at_once,
        known=set(range(num_games // 2)).difference(openings),
        ended=ended,
    )
    outcomes = {}
    for pair in pairs:
        watch(pair)
        outcomes[pair[0].number // 2] = outcomes_of(pair)
    return outcomes


def play_pairs(
    first: Player,
    second: Player,
    *,
    num_games: int,
    max_plies: int,
    opening_plies: int,
    seed: int,
    at_once: int,
    known: Collection[int] = (),
    ended: Callable[[FinishedGame], None] = nobody,
) -> Iterator[Pair]:
    """Plays the games and yields the pairs in the order of their openings, whichever end first.

    Who stops in between has then not seen short games before long ones, whose results may differ.

    Args:
        first, second, num_games, max_plies, opening_plies, seed, at_once, ended: see `play_match`.
        known: openings that are left out; the others are the same as without.
    """
    require_pairs(num_games)
    played = [opening for opening in range(num_games // 2) if opening not in known]
    if not played:
        return
    openings = Openings(draw_openings(num_games // 2, plies=opening_plies, seed=seed).actions[played])
    games = ParallelGames(openings, (first, second), num_slots=at_once, max_plies=max_plies)
    waiting: dict[int, FinishedGame] = {}
    next_pair = 0
    for game in games.finished():
        ended(game)
        waiting[game.number] = game
        while 2 * next_pair in waiting and 2 * next_pair + 1 in waiting:
            one, other = waiting.pop(2 * next_pair), waiting.pop(2 * next_pair + 1)
            number = 2 * played[next_pair]
            yield attrs.evolve(one, number=number), attrs.evolve(other, number=number + 1)
            next_pair += 1


def require_pairs(num_games: int) -> None:
    """Raises a ValueError where games don't make pairs."""
    if num_games < 2 or num_games % 2:
        raise ValueError(f"num_games must be even and at least 2, got {num_games}; each opening is played twice")
