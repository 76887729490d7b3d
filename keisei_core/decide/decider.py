"""What a decider must offer: an action for every game, and what learning is to know of the choice.

Shape key: B games.
"""

from collections.abc import Generator, Mapping
from typing import Any, Protocol, TypeGuard

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
    gives_up: NDArray[np.bool_] | None = None
    """bool [B], where the player to move would rather give the game up than play; None: nowhere."""


Stages = Generator[None, None, Decision]
"""A decision in the making: each `yield` says that the device is at work, so that others may use the time."""


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


class StagedDecider(Decider, Protocol):
    """A decider that can be left alone while the device works on what it asked for.

    Games are then decided in two halves: while the device evaluates one, the other is decided, played and encoded.
    """

    def stages(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Stages:
        """Chooses as `decide` does, and yields wherever it would wait for the device, after `Evaluator.submit`.

        Another call's stages go on in between, for other games: what is kept for the time of a decision belongs into
        the generator, not into the decider.
        """
        ...


def stages_of(decider: Decider, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Stages:
    """Decides in stages, or in a single one where the decider knows none.

    What `stages` returns instead of a generator is taken for what was decided: who gets it says what is wrong with it.
    """
    if not has_stages(decider):
        return decider.decide(games, evaluator, stream)
    stages: Any = decider.stages(games, evaluator, stream)
    decision: Decision = (yield from stages) if isinstance(stages, Generator) else stages
    return decision


def has_stages(decider: Decider) -> TypeGuard[StagedDecider]:
    """Tells whether a decider can be left alone; one that inherits stages and changes `decide` alone means `decide`."""
    own = (vars(kind) for kind in type(decider).__mro__)
    return next(("stages" in names for names in own if names.keys() & {"stages", "decide"}), False)


def decision_of(stages: Stages) -> Decision:
    """Goes through all stages at once: what `decide` does in a decider that has them."""
    while True:
        try:
            next(stages)
        except StopIteration as end:
            decision: Decision = end.value
            return decision
