"""Bringing what each process has for itself together on the one that writes."""

import attrs

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.checkpoint.serial import rank_from_bytes, rank_to_bytes
from keisei_core.distribution import DistributionBackend


def gathered(checkpoint: Checkpoint, backend: DistributionBackend) -> Checkpoint | None:
    """Joins the checkpoints of all processes, each of which holds its own `RankState` alone, or none does.

    Every process has to call it, with the same shared part.

    Returns:
        The whole on rank 0, None elsewhere.
    """
    if not checkpoint.ranks:
        return None if backend.rank else checkpoint
    games, states = (backend.gather(blob) for blob in rank_to_bytes(checkpoint.ranks[0]))
    if backend.rank:
        return None
    return attrs.evolve(checkpoint, ranks=tuple(map(rank_from_bytes, games, states)))
