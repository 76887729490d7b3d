"""How games begin: a tree of first moves with how often each was played and how often the side that played it won."""

from collections.abc import Sequence
from typing import Any, Final

import attrs

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.records import Game

DEPTH: Final = 8
MOST_REPLIES: Final = 8
"""Of a position, the commonest."""


@attrs.define
class Node:
    """A move, and what came of it."""

    games: int = 0
    points: float = 0.0
    """Of the side that made the move: 1, 1/2 or 0 a game."""
    replies: "dict[str, Node]" = attrs.field(factory=dict)

    def add(self, points: float) -> None:
        """Counts a game."""
        self.games += 1
        self.points += points

    def to_data(self) -> list[dict[str, Any]]:
        """Returns the replies, the commonest first."""
        common = sorted(self.replies.items(), key=lambda item: (-item[1].games, item[0]))[:MOST_REPLIES]
        return [
            {"move": move, "games": node.games, "score": round(node.points / node.games, 3), "replies": node.to_data()}
            for move, node in common
        ]


def opening_tree(games: Sequence[Game]) -> list[dict[str, Any]]:
    """Returns the tree of the games that began at the start position."""
    root = Node()
    for game in games:
        if game.start != NAMED_STARTS["startpos"]:
            continue
        node = root
        for ply, move in enumerate(game.moves[:DEPTH]):
            node = node.replies.setdefault(move, Node())
            mover = "white" if ply % 2 else "black"
            node.add(0.5 if not game.winner else float(game.winner == mover))
    return root.to_data()
