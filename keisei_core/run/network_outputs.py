"""What a network returns, looked at before a run begins: further outputs and their loss go together."""

import numpy as np
import torch

from keisei_core.errors import PluginError
from keisei_core.evaluate import ActorCritic, kept_buffers
from keisei_core.experience import Lockstep, Segment
from keisei_core.learn import Batches, auxiliary_problem
from keisei_core.plugins import Choice
from keisei_core.precision import PrecisionPolicy
from keisei_core.run.callbacks import undisturbed

NUM_POSITIONS = 2


def require_outputs(
    choice: Choice, network: ActorCritic, precision: PrecisionPolicy, batches: Batches, source: Lockstep
) -> None:
    """Runs a network as learning does, on positions of the run's games; leaves random streams and buffers alone.

    Raises:
        PluginError: its outputs, or the loss of its further outputs, are not what they must be.
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
        raise PluginError(f"model {choice.name!r} of {choice.owner}: {problem}")
