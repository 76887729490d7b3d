"""The teacher `distill`: what another network says of the positions played, its policy and its value.

Nothing but positions passes between the two: they may differ in architecture, size and planes.

Shape key: N positions of the segment, M of a chunk, K moves kept of each, A = 2,187 actions.
"""

import logging
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.arena import find_network
from keisei_core.decide import Column
from keisei_core.errors import ConfigError
from keisei_core.evaluate import Evaluator
from keisei_core.experience import Segment
from keisei_core.learn import MoveWeights, Targets, Taught, TeacherContext, between
from keisei_core.plugins import load_registry
from keisei_core.shogi import NUM_ACTIONS, Positions, legal_mask
from keisei_plugins_teachers.options import DistillOptions

CHUNK: Final = 1024
"""Positions evaluated together, which bounds the memory that takes."""

logger = logging.getLogger("keisei")


class Distill:
    """Teaches another network's policy and value."""

    columns: tuple[Column, ...] = ()

    def __init__(self, context: TeacherContext, options: DistillOptions) -> None:
        """Reads the network.

        Raises:
            ConfigError: no path is given.
            CheckpointError: no good network is there.
            PluginError: it was made from a plugin that is not installed.
        """
        if not options.network:
            raise ConfigError(["[teaching.distill] network: expected the path of a run, a checkpoint or an export"])
        self.options = options
        network = find_network(Path(options.network), logger.warning)
        self.evaluator: Evaluator = network.evaluator(load_registry(), context.device)
        self.needs = self.evaluator.features.needs

    def weight(self, progress: float) -> float:
        """Returns the weight of its loss; see `Teacher.weight`."""
        return between(self.options.weight, self.options.final_weight, progress)

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Evaluates the plies by the other network; draws nothing."""
        positions, options = segment.positions_of(rows), self.options
        parts = [self._said(positions[first : first + CHUNK]) for first in range(0, len(positions), CHUNK)]
        action, weight, value = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        targets = Targets(
            weight=np.ones(len(rows), np.float32),
            policy=MoveWeights(action=action, weight=weight),
            value=value if options.value_weight else None,
            value_weight=np.full(len(rows), options.value_weight, np.float32),
        )
        return Taught(plies=targets)

    def _said(self, positions: Positions) -> tuple[NDArray[np.int16], NDArray[np.float32], NDArray[np.float32]]:
        """Returns the likeliest moves of M positions, int16 [M, K], their probabilities, float32 [M, K], and V [M]."""
        heat = np.full(len(positions), self.options.temperature, np.float32)
        log_probs, value = self.evaluator.policy_and_value(positions, legal_mask(positions), heat)
        with torch.inference_mode():
            kept, action = log_probs.topk(min(self.options.moves, NUM_ACTIONS), dim=1)
            # What is cut off goes to the moves that are kept; where fewer are legal, the rest weigh exactly 0.
            weight = torch.softmax(kept, dim=1)
            action = action.where(weight > 0, 0)
        # An estimate may lie outside of the results that there are; it is not taught so.
        expected = value.clamp(-1, 1).cpu().numpy()
        return action.cpu().numpy().astype(np.int16), weight.cpu().numpy(), expected
