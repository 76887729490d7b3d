"""Games that are given up, and a share of them that is played on to see how often giving up would have been wrong.

Shape key: B games.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.experience.source import PlayReport
from keisei_core.shogi import Ending

NOBODY: Final = -1


class Resignations:
    """Who would have given up first in each of the games that are played on."""

    def __init__(self, num_games: int, share_played_on: float) -> None:
        """Begins with games in which nobody has given up.

        Args:
            num_games: B.
            share_played_on: of the games, rounded up, the last ones of the batch: opponents from the pool play in the
                first.
        """
        self.plays_on = np.arange(num_games) >= num_games - math.ceil(share_played_on * num_games)
        """bool [B], games that nobody's giving up ends."""
        self.loser = np.full(num_games, NOBODY, np.int8)
        """int8 [B], the side that gave up first in a game that was played on: 0 Black, 1 White."""

    def accept(self, gives_up: NDArray[np.bool_], side_to_move: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Returns which games end because the player to move gives up, bool [B]; in others it is only noted.

        Args:
            gives_up: bool [B].
            side_to_move: uint8 [B].
        """
        noted = gives_up & self.plays_on & (self.loser == NOBODY)
        self.loser[noted] = side_to_move[noted]
        return gives_up & ~self.plays_on

    def count(
        self,
        ended: NDArray[np.intp],
        ending: NDArray[np.uint8],
        reward: NDArray[np.float32],
        movers: NDArray[np.uint8],
        report: PlayReport,
    ) -> None:
        """Takes note of the games that have just ended: whether who would have given up did lose.

        Args:
            ended: which of the B.
            ending: uint8 [B], `Ending` of the last step.
            reward: float32 [B], of the player who moved.
            movers: uint8 [B], the side that moved.
            report: counts games with a result in which somebody would have given up, and those that he did not lose.
        """
        tested = ended[(ending[ended] != Ending.MAX_PLIES) & (self.loser[ended] != NOBODY)]
        losers_reward = np.where(movers[tested] == self.loser[tested], reward[tested], -reward[tested])
        report.tested_resignations += len(tested)
        report.wrong_resignations += int((losers_reward >= 0).sum())
        self.loser[ended] = NOBODY

    def state(self) -> list[int]:
        """Returns who gave up in the games in progress, as plain data."""
        found: list[int] = self.loser.tolist()
        return found

    def load_state(self, state: Any) -> None:
        """Takes back what `state` gave."""
        self.loser[:] = state
