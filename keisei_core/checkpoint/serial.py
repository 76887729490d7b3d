"""The bytes of a checkpoint's files, and back: safetensors and JSON, neither of which runs code when it is read."""

import json
from collections.abc import Mapping
from typing import Final

import safetensors.numpy
import safetensors.torch
from torch import Tensor

from keisei_core.checkpoint.content import Checkpoint, RankState

WEIGHTS: Final = "weights.safetensors"
OPTIMIZER: Final = "optimizer.safetensors"
STATE: Final = "state.json"
SHARED: Final = (WEIGHTS, OPTIMIZER, STATE)
"""The files that all processes share."""


def rank_files(rank: int) -> tuple[str, str]:
    """Returns the names of the two files that a process has for itself."""
    return f"rank-{rank}.safetensors", f"rank-{rank}.json"


def file_names(num_ranks: int) -> tuple[str, ...]:
    """Returns the names of all files of a checkpoint but the manifest."""
    return (*SHARED, *(name for rank in range(num_ranks) for name in rank_files(rank)))


def serialized(checkpoint: Checkpoint) -> dict[str, bytes]:
    """Returns the bytes of every file but the manifest."""
    blobs = {
        WEIGHTS: _tensor_bytes(checkpoint.weights),
        OPTIMIZER: _tensor_bytes(checkpoint.optimizer),
        STATE: to_json(checkpoint.state),
    }
    for rank, own in enumerate(checkpoint.ranks):
        blobs |= dict(zip(rank_files(rank), rank_to_bytes(own), strict=True))
    return blobs


def deserialized(blobs: Mapping[str, bytes], num_ranks: int) -> Checkpoint:
    """Returns the checkpoint whose files have these bytes.

    Raises:
        ValueError: one of them is not what its name says.
    """
    try:
        return Checkpoint(
            weights=safetensors.torch.load(blobs[WEIGHTS]),
            optimizer=safetensors.torch.load(blobs[OPTIMIZER]),
            ranks=tuple(rank_from_bytes(*(blobs[name] for name in rank_files(rank))) for rank in range(num_ranks)),
            state=json.loads(blobs[STATE]),
        )
    except safetensors.SafetensorError as error:
        raise ValueError(str(error)) from error


def rank_to_bytes(own: RankState) -> tuple[bytes, bytes]:
    """Returns the bytes of the two files of one process, which also travel between processes."""
    return safetensors.numpy.save(own.games), to_json(own.state)


def rank_from_bytes(games: bytes, state: bytes) -> RankState:
    """Takes back what `rank_to_bytes` gave."""
    return RankState(games=safetensors.numpy.load(games), state=json.loads(state))


def to_json(value: object) -> bytes:
    """Returns strict JSON: no nan, no inf."""
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False).encode()


def _tensor_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Copies first: a network may use one tensor under two names, which the format does not know."""
    return safetensors.torch.save(
        {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    )
