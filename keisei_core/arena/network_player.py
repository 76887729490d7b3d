"""A network as a player: greedy or sampled, kept from repetition, with or without a rule for mates.

The policy's plain argmax repeats a won position until the game is drawn by four-fold repetition, and so does a sharp
policy sampled. A player that avoids repetition is not offered moves that bring a position of the game back.
"""

import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.evaluate import Evaluator, sample
from keisei_core.shogi import Positions
from keisei_core.shogi.mates import find_mates


class NetworkPlayer:
    """Plays by a network's policy."""

    def __init__(
        self,
        evaluator: Evaluator,
        *,
        temperature: float,
        seed: int,
        avoids_repetition: bool = True,
        mates_in_one: bool = False,
    ) -> None:
        """Takes a network to play.

        Args:
            evaluator: the network.
            temperature: 0 plays the move the policy likes best; 1 samples the policy as trained.
            seed: of the player's own random stream.
            avoids_repetition: see `Player`.
            mates_in_one: plays a mate in one where there is one, whatever the policy says.
        """
        self.evaluator = evaluator
        self.temperature = temperature
        self.avoids_repetition = avoids_repetition
        self.needs = evaluator.features.needs
        self.mates_in_one = mates_in_one
        self.generator = torch.Generator(device=evaluator.device).manual_seed(seed)

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        """Chooses for each position; see `Player.choose`.

        Raises:
            DivergedError: the network's outputs are nan or inf.
            PluginError: its values are nothing like results.
        """
        self.evaluator.network.eval()
        self.evaluator.watch()
        if self.mates_in_one:
            legal = only_mates(positions, legal)
        temperature = np.full(len(positions), self.temperature or 1.0, np.float32)
        log_probs, _ = self.evaluator.policy_and_value(positions, legal, temperature)
        chosen = sample(log_probs, self.generator) if self.temperature else log_probs.argmax(dim=1)
        actions: NDArray[np.int32] = chosen.to(torch.int32).cpu().numpy()
        self.evaluator.require_values()
        if not legal[np.arange(len(actions)), actions].all():  # drawn from nan
            self.evaluator.require_logits()
        return actions


def only_mates(positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Leaves only the moves that mate at once, where there are any."""
    mates = find_mates(positions, legal)
    return np.where(mates.any(axis=1, keepdims=True), mates, legal)
