"""Further outputs of a network and their loss, looked at before a run begins: they go together."""

import numpy as np
import torch

from keisei_core.errors import PluginError
from keisei_core.evaluate import ActorCritic, kept_buffers
from keisei_core.evaluate.random_streams import undisturbed
from keisei_core.experience import Lockstep, Segment
from keisei_core.learn import Batches, auxiliary_problem
from keisei_core.precision import PrecisionPolicy

NUM_POSITIONS = 2


def require_outputs(network: ActorCritic, precision: PrecisionPolicy, batches: Batches, source: Lockstep) -> None:
    """Runs a network as learning does, on positions of the run's games; leaves random streams and buffers alone.

    Raises:
        PluginError: its further outputs, or their loss, are not what they must be.
    """
    num_games = min(NUM_POSITIONS, len(source.games))
    positions = source.games.positions[:num_games]
    segment = Segment.empty(1, num_games, source.columns, num_earlier=positions.num_earlier)
    segment.put(0, positions)
    batch = batches.batch(segment, np.arange(num_games))
    plain = network.network.train()
    with undisturbed(), kept_buffers(plain), torch.no_grad():
        with precision.autocast():
            outputs = plain(network.scaled(batch.planes))
        problem = auxiliary_problem(plain, outputs, batch)
    if problem is not None:
        raise PluginError(f"{network.owner}: {problem}")
