"""Exported networks: written into a folder of their own, whole or not at all."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from keisei_core.arena.trained_network import DESCRIPTION, EXPORT_FORMAT, WEIGHTS, TrainedNetwork
from keisei_core.checkpoint.folder import sync, write_durably
from keisei_core.errors import CheckpointError, ConfigError
from keisei_core.plugins.plugin_file import files_in_use, write_copies
from keisei_core.plugins.provenance import file_digests, kept_files


def export_network(
    network: TrainedNetwork,
    folder: Path,
    dtype: torch.dtype = torch.bfloat16,
    *,
    told: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
) -> None:
    """Writes a network as a folder that plays but can't be trained on, with the files of `--plugin` that it is made of.

    Args:
        network: read from a run, say.
        folder: new or empty.
        dtype: of the weights on disk; bfloat16 halves the file and rounds to three digits.
        told: JSON-able data for network.json beside what a network needs, where nobody looks who plays it.
        files: texts that go beside, by their names: a card, say.

    Raises:
        CheckpointError: something is in the folder already.
        ConfigError: it can't be written; nothing of it is left.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CheckpointError(folder, "exists already and is never written over; name another folder")
    try:
        with _written_at_once(folder) as beside:
            for name, text in (files or {}).items():
                write_durably(beside / name, text.encode())
            _fill(beside, network, dtype, told or {})
    except OSError as error:
        raise ConfigError([f"{folder}: can't be written: {error.strerror or error}; nothing was exported"]) from error


@contextmanager
def _written_at_once(folder: Path) -> Iterator[Path]:
    """Gives a new folder, which becomes the other, or whose files go into the other if that is there and empty.

    Whatever is raised inside or by the disk, nothing stays.

    Raises:
        OSError: the folder can't be made or filled.
    """
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    was_there = folder.exists()
    name = f".{folder.name}.{os.getpid()}.tmp"
    beside = folder / name if was_there else folder.with_name(name)
    shutil.rmtree(beside, ignore_errors=True)  # of a process of the same number that was killed
    try:
        beside.mkdir()
        yield beside
        sync(beside)
        if was_there:
            _move_up(beside)
        else:
            beside.rename(folder)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    sync(folder.absolute().parent)


def _move_up(folder: Path) -> None:
    """Moves what is in a folder into the one that it is in; last the description, without which nothing is exported."""
    for path in sorted(folder.iterdir(), key=lambda path: path.name == DESCRIPTION):
        path.rename(folder.parent / path.name)
    folder.rmdir()
    sync(folder.parent)


def _fill(folder: Path, network: TrainedNetwork, dtype: torch.dtype, told: Mapping[str, Any]) -> None:
    """Writes the files of an export that play."""
    weights = {name: tensor.to(dtype).contiguous().clone() for name, tensor in network.weights.items()}
    blob = safetensors.torch.save(weights)
    recorded = network.state.get("plugins") or ()
    digests = set(file_digests(recorded).values())
    write_copies(kept_files(recorded, network.path), folder)
    write_copies([file for file in files_in_use() if file.sha256 in digests], folder)
    kept = {key: network.state.get(key) for key in ("channels", "counters", "plugins", "versions")}
    described = {"format": EXPORT_FORMAT, "sha256": hashlib.sha256(blob).hexdigest(), "config": network.tables}
    write_durably(folder / WEIGHTS, blob)
    write_durably(folder / DESCRIPTION, (json.dumps({**described, **kept, **told}, indent=1) + "\n").encode())
