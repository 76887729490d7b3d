"""The decider `policy`: draws from the network's policy.

Shape key: B games.
"""

from typing import Final

import numpy as np
import torch
from torch import Tensor

from keisei_core.decide.column import Column
from keisei_core.decide.decider import DeciderContext, Decision, Stages, decision_of
from keisei_core.decide.games_view import GamesView
from keisei_core.evaluate import Evaluator, log_policy, sample
from keisei_core.shogi import draw_moves

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
        return decision_of(self.stages(games, evaluator, stream))

    def stages(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Stages:
        """Draws an action for every game; see `StagedDecider.stages`."""
        answer = evaluator.submit(games.positions, games.legal, drawn, stream, repeats=True)
        yield
        action, log_prob, value = answer.collect()
        return Decision(action=action.astype(np.int32), columns={LOG_PROB.name: log_prob, VALUE.name: value})


def drawn(logits: Tensor, value: Tensor, legal: Tensor, stream: torch.Generator) -> Tensor:
    """Draws from the policy; a `Program`.

    Returns:
        float32 [3, B]: actions, which float32 holds exactly, their log-probabilities, and the value.
    """
    if logits.device.type == "cpu":
        shares = torch.rand(len(logits), generator=stream)
        found = draw_moves(logits.numpy(), legal.numpy(), shares.numpy())
        actions, log_probs = map(torch.from_numpy, found)
    else:
        every = log_policy(logits, legal)
        places = sample(every, stream)
        actions, log_probs = places.float(), every.gather(1, places[:, None])[:, 0]
    return torch.stack((actions, log_probs, value))
