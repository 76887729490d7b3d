"""The decider `policy`: draws from the network's policy.

Shape key: B games.
"""

from typing import Final

import numpy as np
import torch

from keisei_core.decide.column import Column
from keisei_core.decide.decider import DeciderContext, Decision
from keisei_core.decide.games_view import GamesView
from keisei_core.evaluate import Evaluator, sample

LOG_PROB: Final = Column("log_prob", np.float32)
"""Log-probability of the action under the policy that acted."""
VALUE: Final = Column("value", np.float32)
"""V of the position, seen by the side to move."""


class PolicyDecider:
    """Samples every ply from the policy as it is."""

    columns = (LOG_PROB, VALUE)

    def __init__(self, context: DeciderContext) -> None:
        """Needs nothing of the context."""

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        """Draws an action for every game; see `Decider.decide`."""
        log_probs, value = evaluator.policy_and_value(games.positions, games.legal)
        actions = sample(log_probs, stream)
        return Decision(
            action=actions.cpu().numpy().astype(np.int32),
            columns={
                LOG_PROB.name: log_probs.gather(1, actions[:, None])[:, 0].cpu().numpy(),
                VALUE.name: value.cpu().numpy(),
            },
        )
