"""Games in halves that take turns: while the device evaluates one, the CPU plays and encodes the other.

The halves take turns ply by ply, so that who draws from the random stream, and when, does not depend on how long
anything takes.

Shape key: B games, N of them in a half.
"""

from collections.abc import Sequence
from itertools import pairwise

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.decide import Decider, Decision, GamesView, Stages, stages_of
from keisei_core.evaluate import Evaluator
from keisei_core.experience.opponent_pool import OpponentPool
from keisei_core.shogi import Games


@attrs.define(eq=False)
class Half:
    """Games that are decided together, and what is under way about their next ply."""

    view: GamesView
    rows: slice
    """Which of the B games."""
    decision: Decision | None = None
    """What the decider returned; None until then."""
    opponents: NDArray[np.intp] = attrs.field(factory=lambda: np.zeros(0, np.intp))
    """int64 [K], the games among the B in which an opponent is to move."""
    answers: Tensor | None = None
    """int64 [K], the opponents' moves, on the device."""
    _stages: Stages | None = None

    @property
    def is_under_way(self) -> bool:
        """True until the decider has returned, whatever that is."""
        return self._stages is not None

    def begin(
        self, games: Games, decider: Decider, evaluator: Evaluator, stream: torch.Generator, pool: OpponentPool | None
    ) -> None:
        """Begins to decide the next ply: asks the device for what the decider, and then the pool, want to know."""
        self.decision, self.answers = None, None
        if pool is not None:
            is_opponents = pool.is_opponents_turn(games.positions.side_to_move)
            self.view.turns = ~is_opponents[self.rows]
            self.opponents = np.flatnonzero(is_opponents[self.rows]) + self.rows.start
        self._stages = stages_of(decider, self.view, evaluator, stream)
        self.go_on()
        if pool is not None and len(self.opponents):
            self.answers = pool.act(games.positions, games.legal, self.opponents, stream)

    def go_on(self) -> None:
        """Decides a stage further; does nothing where all is decided."""
        if self._stages is not None:
            try:
                next(self._stages)
            except StopIteration as end:
                self.decision, self._stages = end.value, None


def halves_of(games: Games, number: int) -> tuple[Half, ...]:
    """Parts games into so many halves, as equal as can be: 2, or 1 where none takes turns."""
    ends = np.linspace(0, len(games), number + 1).astype(int).tolist()
    return tuple(Half(GamesView(games, slice(*part)), slice(*part)) for part in pairwise(ends))


def decide(half: Half, others: Sequence[Half]) -> Decision | None:
    """Waits for a half's decision; as long as it takes further stages, the others go a stage further in between.

    Returns:
        What the decider returned, which nobody has looked at yet.
    """
    half.go_on()
    while half.is_under_way:
        for other in (*others, half):
            other.go_on()
    return half.decision
