"""The bytes of a checkpoint's files, and back: safetensors and JSON, neither of which runs code when it is read."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import safetensors.numpy
import safetensors.torch
from torch import Tensor

from keisei_core.checkpoint.content import Checkpoint, RankState

WEIGHTS: Final = "weights.safetensors"
OPTIMIZER: Final = "optimizer.safetensors"
AVERAGE: Final = "average.safetensors"
POOL: Final = "pool.safetensors"
STATE: Final = "state.json"
SHARED: Final = frozenset({WEIGHTS, OPTIMIZER, STATE})
"""The files that all processes share."""
NOT_ALWAYS: Final = frozenset({AVERAGE, POOL})
"""Likewise, there where they are not empty."""
RANK_FILE: Final = re.compile(r"rank-\d+\.(json|safetensors)")


def rank_files(rank: int) -> tuple[str, str]:
    """Returns the names of the two files that a process has for itself."""
    return f"rank-{rank}.safetensors", f"rank-{rank}.json"


def is_ours(name: str) -> bool:
    """Tells whether a file of this name is part of a checkpoint, the manifest apart."""
    return name in SHARED | NOT_ALWAYS or bool(RANK_FILE.fullmatch(name))


def num_ranks(names: Iterable[str]) -> int:
    """Returns how many processes have files among those of a whole checkpoint; 0 where each is to start anew.

    Raises:
        ValueError: a file is missing, or one is too many.
    """
    given = set(names) - NOT_ALWAYS
    ranks = (len(given) - len(SHARED)) // 2
    wanted = SHARED.union(*(rank_files(rank) for rank in range(ranks)))
    if given != wanted:
        raise ValueError(f"expected the files {sorted(wanted.union(rank_files(0)))}, got {sorted(given)}")
    return ranks


def serialized(checkpoint: Checkpoint) -> dict[str, bytes]:
    """Returns the bytes of every file but the manifest."""
    blobs = {
        WEIGHTS: _tensor_bytes(checkpoint.weights),
        OPTIMIZER: _tensor_bytes(checkpoint.optimizer),
        STATE: to_json(checkpoint.state),
    }
    further = {AVERAGE: checkpoint.average, POOL: checkpoint.pool}
    blobs |= {name: _tensor_bytes(tensors) for name, tensors in further.items() if tensors}
    for rank, own in enumerate(checkpoint.ranks):
        blobs |= dict(zip(rank_files(rank), rank_to_bytes(own), strict=True))
    return blobs


def deserialized(blobs: Mapping[str, bytes]) -> Checkpoint:
    """Returns the checkpoint whose files have these bytes.

    Raises:
        ValueError: one of them is missing, or is not what its name says.
    """
    ranks = range(num_ranks(blobs))
    try:
        return Checkpoint(
            weights=safetensors.torch.load(blobs[WEIGHTS]),
            optimizer=safetensors.torch.load(blobs[OPTIMIZER]),
            average=safetensors.torch.load(blobs[AVERAGE]) if AVERAGE in blobs else {},
            pool=safetensors.torch.load(blobs[POOL]) if POOL in blobs else {},
            ranks=tuple(rank_from_bytes(*(blobs[name] for name in rank_files(rank))) for rank in ranks),
            state=from_json(blobs[STATE]),
        )
    except (safetensors.SafetensorError, KeyError, TypeError) as error:  # the latter for dtypes nobody has
        raise ValueError(f"tensors can't be read: {error}") from error


def rank_to_bytes(own: RankState) -> tuple[bytes, bytes]:
    """Returns the bytes of the two files of one process, which also travel between processes."""
    return safetensors.numpy.save(own.arrays), to_json(own.state)


def rank_from_bytes(arrays: bytes, state: bytes) -> RankState:
    """Takes back what `rank_to_bytes` gave."""
    return RankState(arrays=safetensors.numpy.load(arrays), state=from_json(state))


def to_json(value: object) -> bytes:
    """Returns strict JSON: no nan, no inf."""
    return json.dumps(value, indent=1, sort_keys=True, allow_nan=False).encode()


def from_json(blob: bytes) -> dict[str, Any]:
    """Takes back what `to_json` gave of a dict.

    Raises:
        ValueError: it is no strict JSON, or no object.
    """
    try:
        value = json.loads(blob, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(value, dict):
        raise ValueError(f"expected a JSON object, got {type(value).__name__}")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"expected finite numbers, got {name}")


def _tensor_bytes(tensors: Mapping[str, Tensor]) -> bytes:
    """Copies first: a network may use one tensor under two names, which the format does not know."""
    return safetensors.torch.save(
        {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    )
