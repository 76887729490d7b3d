"""One checkpoint folder on disk: written whole or not at all, verified when it is read."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from keisei_core.checkpoint.content import FORMAT_VERSION, Checkpoint
from keisei_core.checkpoint.serial import SHARED, deserialized, file_names, serialized, to_json
from keisei_core.errors import CheckpointError

OLD: Final = ".old"
MANIFEST: Final = "manifest.json"


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint beside its place, makes it durable, then renames it there.

    Args:
        folder: where it will stand, in a folder that exists; what stands there is replaced, and is never gone before
            its successor is whole.
        checkpoint: what to write.

    Raises:
        OSError: it can't be written; what stood there is untouched.
    """
    put_back(folder)
    beside, old = folder.with_name(folder.name + ".tmp"), folder.with_name(folder.name + OLD)
    for left_over in (beside, old):
        shutil.rmtree(left_over, ignore_errors=True)
    beside.mkdir()
    blobs = serialized(checkpoint)
    for name, blob in blobs.items():
        _write_durably(beside / name, blob)
    _write_durably(beside / MANIFEST, to_json(_manifest(blobs)))
    _sync(beside)
    if folder.exists():
        folder.rename(old)
    beside.rename(folder)
    _sync(folder.parent)
    shutil.rmtree(old, ignore_errors=True)


def put_back(folder: Path) -> None:
    """Gives a checkpoint its place again if a write was cut off just before its successor took it."""
    old = folder.with_name(folder.name + OLD)
    if old.exists() and not folder.exists():
        old.rename(folder)


def read_checkpoint(folder: Path) -> Checkpoint:
    """Reads a checkpoint after verifying every file against the manifest.

    Raises:
        CheckpointError: it is not there, not whole, damaged, or of another format.
    """
    blobs = _verified(folder)
    try:
        return deserialized(blobs, num_ranks=(len(blobs) - len(SHARED)) // 2)
    except ValueError as error:
        raise CheckpointError(folder, f"holds what is not a checkpoint ({error})") from error


def _manifest(blobs: Mapping[str, bytes]) -> dict[str, Any]:
    files = {name: {"sha256": hashlib.sha256(blob).hexdigest(), "bytes": len(blob)} for name, blob in blobs.items()}
    return {"format": FORMAT_VERSION, "files": files}


def _verified(folder: Path) -> dict[str, bytes]:
    """Returns the bytes of every file, each equal to what was written."""
    manifest = _read_manifest(folder)
    blobs = {}
    for name in manifest["files"]:
        try:
            blobs[name] = (folder / name).read_bytes()
        except OSError as error:
            raise CheckpointError(folder, f"{name} can't be read ({error.strerror})") from error
        if hashlib.sha256(blobs[name]).hexdigest() != manifest["files"][name]["sha256"]:
            raise CheckpointError(folder, f"{name} is damaged: it differs from its SHA-256")
    return blobs


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
        version = manifest["format"]
        if version != FORMAT_VERSION:
            raise CheckpointError(folder, f"expected checkpoint format {FORMAT_VERSION}, got {version!r}")
        files = manifest["files"]
        num_ranks = max(1, (len(files) - len(SHARED)) // 2)
        named = all(isinstance(files[name]["sha256"], str) for name in file_names(num_ranks))
    except OSError as error:
        raise CheckpointError(folder, f"expected a checkpoint folder with {MANIFEST}; {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(folder, f"{MANIFEST} is damaged") from error
    if not named or len(files) != len(file_names(num_ranks)):
        raise CheckpointError(folder, f"{MANIFEST} is damaged")
    return dict(manifest)


def _write_durably(path: Path, blob: bytes) -> None:
    with path.open("wb") as file:
        file.write(blob)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Makes a rename or a new name in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
