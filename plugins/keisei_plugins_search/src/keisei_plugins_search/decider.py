"""The decider `search`: looks ahead at some plies of self-play and draws the others from the policy.

Wu, "Accelerating self-play learning in Go" (2019), calls it playout cap randomisation: games go on quickly, and where
there is a search it is deep enough to teach something.

Shape key: B games, G of them searched, A = 2,187 actions, K moves kept of a policy.
"""

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.decide import Column, DeciderContext, Decision, GamesView, Stages, decision_of
from keisei_core.evaluate import Evaluator, sample
from keisei_core.learn import MoveWeights
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.found import COLUMNS, Found
from keisei_plugins_search.look_ahead import planted
from keisei_plugins_search.nodes import Float32Array, Int32Array
from keisei_plugins_search.search import parts
from keisei_plugins_search.training_options import SearchDeciderOptions

SEEDS: Final = 2**62


class SearchDecider:
    """Chooses plies by search or by policy, and keeps what the searches found."""

    columns = (
        Column("log_prob", np.float32),
        Column("value", np.float32),
        Column("is_drawn", np.bool_),
        *COLUMNS,
    )

    def __init__(self, context: DeciderContext, options: SearchDeciderOptions) -> None:
        """Keeps nothing of the context: which plies are searched is drawn anew at each."""
        self.options = options

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        """Chooses an action for every game; see `Decider.decide`."""
        return decision_of(self.stages(games, evaluator, stream))

    def stages(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Stages:
        """Chooses an action for every game; see `StagedDecider.stages`. Policy and roots are waited for.

        `log_prob` is that of the action under the policy at the ply's temperature. Where a search chose, it is no
        probability that the action had, and `is_drawn` is False.
        """
        positions = games.positions
        seed = torch.randint(SEEDS, (1,), generator=stream, device=stream.device)
        random = np.random.default_rng(int(seed))
        heat = self.temperature(positions.ply)
        log_probs, value = evaluator.policy_and_value(positions, games.legal, heat)
        evaluator.require_values()
        action = sample(log_probs, stream).cpu().numpy().astype(np.int32)
        found = Found.nothing(value.clamp(-1, 1).cpu().numpy())
        rows = self._searched(games, random)
        for part in parts(len(rows), self.options.simulations, len(rows)):
            chosen = rows[part]
            branch, legal = games.branch(chosen), games.legal[chosen]
            search = planted(evaluator, branch, legal, self.options, noise=self.options.noise, random=random)
            yield from search.stages(stream)
            action[chosen] = self._chosen(search.findings(), found, chosen, positions.ply[chosen], heat[chosen], random)
        played = torch.from_numpy(action.astype(np.int64)).to(log_probs.device)
        return Decision(
            action=action,
            gives_up=found.is_searched & (found.value < self.options.resign_below),
            columns={
                "log_prob": log_probs.gather(1, played[:, None])[:, 0].cpu().numpy(),
                "value": value.cpu().numpy(),
                "is_drawn": ~found.is_searched,
                **found.columns(),
            },
        )

    def temperature(self, ply: NDArray[np.uint16]) -> Float32Array:
        """Returns by what logits are divided at plies, float32 of the same shape."""
        options = self.options
        ends = options.temperature, options.final_temperature
        return np.interp(ply, (0, options.temperature_plies), ends).astype(np.float32)

    def _searched(self, games: GamesView, random: np.random.Generator) -> NDArray[np.int64]:
        """Draws the games that are searched at this ply, int64 [G]: of those with a choice of moves."""
        drawn = random.random(len(games)) < self.options.share
        return np.flatnonzero(drawn & games.turns & (games.legal.sum(axis=1, dtype=np.int32) > 1))

    def _chosen(
        self,
        findings: Findings,
        found: Found,
        rows: NDArray[np.int64],
        ply: NDArray[np.uint16],
        heat: Float32Array,
        random: np.random.Generator,
    ) -> Int32Array:
        """Fills in what was found of G games, and returns the actions, int32 [G]."""
        drawn = draw(found.put(rows, findings, self.options.target), heat, random)
        return np.where(ply < self.options.drawn_plies, drawn, findings.best_moves())


def draw(policy: MoveWeights, temperature: Float32Array, random: np.random.Generator) -> Int32Array:
    """Draws a move of each of G policies, int32 [G].

    Args:
        policy: G rows.
        temperature: float32 [G], probabilities count to the power of 1 / temperature.
        random: consumed.
    """
    weight = policy.weight.astype(np.float64) ** (1 / temperature[:, None].astype(np.float64))
    passed = weight.cumsum(axis=1)
    aim = passed[:, -1:] * random.random((len(passed), 1))
    drawn: Int32Array = policy.action[np.arange(len(passed)), (passed > aim).argmax(axis=1)].astype(np.int32)
    return drawn
