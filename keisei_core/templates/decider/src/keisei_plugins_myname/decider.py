"""Draws moves from the policy at a temperature that goes to 1 as the game goes on.

Shape key: B games, A = 2,187 actions.
"""

import numpy as np
import torch
from keisei_core.decide import Column, DeciderContext, Decision, GamesView
from keisei_core.evaluate import Evaluator, sample
from numpy.typing import NDArray

from keisei_plugins_myname.options import MynameOptions


class MynameDecider:
    """Keeps nothing from ply to ply: a resumed run builds it anew."""

    columns = (
        Column("log_prob", np.float32),  # of the action under the policy that it was drawn from
        Column("value", np.float32),
        Column("temperature", np.float32),
    )

    def __init__(self, context: DeciderContext, options: MynameOptions) -> None:
        self.options = options

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        """Chooses an action for every game.

        Args:
            games: B games before a ply; not changed.
            evaluator: the network with its present weights.
            stream: the only source of randomness.
        """
        temperature = self.temperature(games.positions.ply)
        log_probs, value = evaluator.policy_and_value(games.positions, games.legal, temperature)
        actions = sample(log_probs, stream)
        return Decision(
            action=actions.cpu().numpy().astype(np.int32),
            columns={
                "log_prob": log_probs.gather(1, actions[:, None])[:, 0].cpu().numpy(),
                "value": value.cpu().numpy(),
                "temperature": temperature,
            },
        )

    def temperature(self, ply: NDArray[np.uint16]) -> NDArray[np.float32]:
        """Returns the temperature of each game, float32 [B], given its plies so far, uint16 [B]."""
        done = np.minimum(ply / self.options.plies, 1)
        temperature: NDArray[np.float32] = (self.options.temperature + (1 - self.options.temperature) * done).astype(
            np.float32
        )
        return temperature
