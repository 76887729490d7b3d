"""A trained network as a player: it samples from its own policy.

Sampling is what keeps it from walking into four-fold repetition: the policy's plain argmax repeats a won position until
the game is drawn.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.act import Evaluator, sample
from keisei_core.shogi import Positions


class NetworkPlayer:
    """Samples moves from a network's policy at a temperature."""

    def __init__(self, evaluator: Evaluator, *, temperature: float, seed: int) -> None:
        """Takes a network to play.

        Args:
            evaluator: the network.
            temperature: 1 samples the policy as trained; below 1 prefers its favourites.
            seed: of the player's own random stream.
        """
        self.evaluator = evaluator
        self.temperature = temperature
        self.generator = torch.Generator(device=evaluator.device).manual_seed(seed)

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`."""
        self.evaluator.network.eval()
        log_probs, _ = self.evaluator.policy_and_value(positions, legal, self.temperature)
        actions: NDArray[np.int32] = sample(log_probs, self.generator).to(torch.int32).cpu().numpy()
        return actions
