"""The player `checkpoint`: a trained network from disk."""

import logging
from pathlib import Path

from keisei_core.arena.network_player import NetworkPlayer
from keisei_core.arena.player import PlayerContext
from keisei_core.arena.trained_network import find_network
from keisei_core.config.checkpoint_options import CheckpointOptions
from keisei_core.errors import ConfigError
from keisei_core.plugins import load_registry

logger = logging.getLogger("keisei")


def checkpoint_player(context: PlayerContext, options: CheckpointOptions) -> NetworkPlayer:
    """Builds the player.

    Raises:
        ConfigError: no path is given.
        CheckpointError: no good checkpoint is there.
    """
    if not options.path:
        raise ConfigError(["player 'checkpoint': expected a path; write the path of a run or a checkpoint instead"])
    network = find_network(Path(options.path), logger.warning)
    return NetworkPlayer(
        network.evaluator(load_registry(), context.device, options.precision),
        temperature=options.temperature,
        seed=context.seed,
        avoids_repetition=options.avoid_repetition,
        mates_in_one=options.mates_in_one,
    )
