"""Handing a checkpoint that one process read to all of them."""

import json

from keisei_core.checkpoint.content import Checkpoint
from keisei_core.checkpoint.serial import deserialized, serialized
from keisei_core.distribution import DistributionBackend


def spread(checkpoint: Checkpoint | None, backend: DistributionBackend) -> Checkpoint:
    """Returns rank 0's checkpoint on every process, each of which has to call it.

    Args:
        checkpoint: rank 0's; not looked at elsewhere.
        backend: joins the processes.
    """
    if checkpoint is not None and backend.world_size == 1:
        return checkpoint
    blobs = serialized(checkpoint) if checkpoint is not None and backend.rank == 0 else {}
    own_sizes = {name: len(blob) for name, blob in blobs.items()}
    sizes = json.loads(backend.broadcast(json.dumps(own_sizes).encode()))
    content = backend.broadcast(b"".join(blobs.values()))
    if backend.rank == 0 and checkpoint is not None:
        return checkpoint
    parts, start = {}, 0
    for name, size in sizes.items():
        parts[name] = content[start : start + size]
        start += size
    return deserialized(parts)
