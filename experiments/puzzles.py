"""What a player sees on the board: mates in one and in three that it begins, and pieces that it leaves hanging.

Positions are of games between alphabeta players of depth 1, who play every mate in one and see none in three, from
random openings: the same ones for every player, so that networks of one run, by their policy and looking ahead, are
compared on the same tasks. Nothing is played further than the task says.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena import Player, play_match
from keisei_core.arena.participant import Participant
from keisei_core.benchmark.blunders import Tactics
from keisei_core.observe import needs_of
from keisei_core.plugins import load_registry
from keisei_core.shogi import Branches, Positions, find_mates, legal_mask
from keisei_core.shogi.sidelines import played
from keisei_plugins_search.mate_search import prove_mates

SOURCE: Final = "alphabeta:depth=1"
SEED: Final = 1
MAX_PLIES: Final = 320
NODES: Final = 2_000
"""Looked at for a mate in three, which has far fewer."""
GAMES, MOST = 200, 500
"""Games that are played for the tasks, and positions of a kind."""
FIGURES: Final = ("mates_1", "mates_1_played", "mates_3", "mates_3_played", "moves", "hanging")


@attrs.frozen
class Puzzles:
    """Positions by their task."""

    mates_1: Positions
    """With a mate in one."""
    mates_3: Positions
    """With a mate in three by checks, and none in one."""
    quiet: Positions
    """With neither."""


class Recorder:
    """Plays as another player does and keeps the positions that it is asked about."""

    def __init__(self, player: Player) -> None:
        self.player = player
        self.seen: list[Positions] = []

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player`."""
        self.seen.append(positions[np.arange(len(positions))])
        return self.player.choose(positions, legal)


@cache
def puzzles(num_games: int = GAMES, most: int = MOST) -> Puzzles:
    """Makes the tasks.

    Args:
        num_games: that are played for them.
        most: positions of a kind.
    """
    first, second = Recorder(built(SOURCE)), Recorder(built(SOURCE))
    play_match(first, second, num_games=num_games, max_plies=MAX_PLIES, opening_plies=8, seed=SEED)
    seen = Positions.concatenate([*first.seen, *second.seen])
    proved = prove_mates(Branches.of_positions(seen, MAX_PLIES + 1), np.arange(len(seen)), NODES, 3).plies
    kinds = [np.flatnonzero(proved == plies) for plies in (1, 3, 0)]
    return Puzzles(*(seen[spread(rows, most)] for rows in kinds))


def built(text: str) -> Player:
    """Builds a player by its text."""
    return Participant.find(text, load_registry()).build(SEED, torch.device("cpu"))


def spread(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """Chooses so many rows at most, evenly."""
    return rows[np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64)]


def solved(player: Player, tasks: Puzzles) -> dict[str, int]:
    """Counts what a player does with the tasks: `FIGURES`; `hanging` are moves in quiet positions that lose 5 or more.

    A mate in three counts where every reply to the move is mated at once.
    """
    ones, quiet = Tactics(), Tactics()
    ones.count(*asked(player, tasks.mates_1))
    quiet.count(*asked(player, tasks.quiet))
    positions, _, moves = asked(player, tasks.mates_3)
    threes = sum(mates_after_all_replies(positions, moves))
    counts = ones.mates, ones.mates_played, len(positions), threes, quiet.moves, quiet.hanging
    return dict(zip(FIGURES, counts, strict=True))


def asked(player: Player, positions: Positions) -> tuple[Positions, NDArray[np.uint8], NDArray[np.int32]]:
    """Returns positions, their legal moves and what a player chooses in them."""
    legal = legal_mask(positions)
    return positions, legal, player.choose(positions.with_history(needs_of(player).history), legal)


def mates_after_all_replies(positions: Positions, moves: NDArray[np.int32]) -> Iterator[bool]:
    """Tells of each position whether the move mates, or leaves no reply that is not mated at once."""
    after, legal = played(positions, moves)
    for row in range(len(after)):
        replies = np.flatnonzero(legal[row]).astype(np.int32)
        if len(replies) == 0:
            yield True
            continue
        ends, answers = played(after[np.full(len(replies), row)], replies)
        yield bool(find_mates(ends, answers).any(axis=1).all())
