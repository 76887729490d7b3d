"""Checkpoints: a run between two updates, kept so that it goes on as if it had never stopped."""

from keisei_core.checkpoint.content import FORMAT_VERSION, Checkpoint, RankState
from keisei_core.checkpoint.finite import NOT_FINITE, not_finite_buffers, require_finite
from keisei_core.checkpoint.folder import read_checkpoint, read_files, write_checkpoint
from keisei_core.checkpoint.gather import gathered
from keisei_core.checkpoint.serial import serialized
from keisei_core.checkpoint.store import CheckpointStore

__all__ = [
    "FORMAT_VERSION",
    "NOT_FINITE",
    "Checkpoint",
    "CheckpointStore",
    "RankState",
    "gathered",
    "not_finite_buffers",
    "read_checkpoint",
    "read_files",
    "require_finite",
    "serialized",
    "write_checkpoint",
]
