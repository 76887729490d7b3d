"""A trained network as a player: it samples from its own policy, and leaves positions that come back.

The policy's plain argmax repeats a won position until the game is drawn by four-fold repetition, and so does a sharp
policy sampled. So where a position has stood before, moves are sampled at a high temperature: a cycle is left.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.act import Evaluator, sample
from keisei_core.shogi import Positions

LEAVING_TEMPERATURE: Final = 2.0
"""A policy that plays one move with 95 % leaves it out of two times here, and a cycle asks at least four times."""


class NetworkPlayer:
    """Samples moves from a network's policy at a temperature."""

    def __init__(self, evaluator: Evaluator, *, temperature: float, seed: int) -> None:
        """Takes a network to play.

        Args:
            evaluator: the network.
            temperature: 1 samples the policy as trained; below 1 prefers its favourites. Where a position has come
                back it is at least `LEAVING_TEMPERATURE`.
            seed: of the player's own random stream.
        """
        self.evaluator = evaluator
        self.temperature = temperature
        self.generator = torch.Generator(device=evaluator.device).manual_seed(seed)

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`."""
        self.evaluator.network.eval()
        came_back = positions.repetition > 0
        temperature = np.where(came_back, max(self.temperature, LEAVING_TEMPERATURE), self.temperature)
        log_probs, _ = self.evaluator.policy_and_value(positions, legal, temperature.astype(np.float32))
        actions: NDArray[np.int32] = sample(log_probs, self.generator).to(torch.int32).cpu().numpy()
        return actions
