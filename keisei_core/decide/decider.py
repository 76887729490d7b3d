"""What a decider must offer: an action for every game, and what learning is to know of the choice.

Shape key: B games.
"""

from collections.abc import Mapping
from typing import Any, Protocol

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.decide.column import Column
from keisei_core.decide.games_view import GamesView
from keisei_core.evaluate import Evaluator


@attrs.frozen(kw_only=True)
class DeciderContext:
    """What a decider is built with."""

    num_games: int
    """B, games of this process."""
    device: torch.device
    """Where the network is."""


@attrs.frozen(eq=False, kw_only=True)
class Decision:
    """One ply of every game."""

    action: NDArray[np.int32]
    """int32 [B], legal actions."""
    columns: Mapping[str, NDArray[Any]]
    """By name: an array [B, *shape] for each column that the decider declares."""


class Decider(Protocol):
    """Chooses the plies of self-play."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What a decision tells of each ply; the same for the life of the object. Only what is asked for is kept."""
        ...

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        """Chooses an action for every game.

        Args:
            games: to be read only.
            evaluator: the network with its present weights.
            stream: the only source of randomness, on the evaluator's device; its state is part of a run's checkpoint.
        """
        ...
