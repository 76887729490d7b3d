"""One checkpoint folder on disk: written whole or not at all, verified when it is read."""

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from keisei_core.checkpoint.content import FORMAT_VERSION, Checkpoint
from keisei_core.checkpoint.finite import first_not_finite
from keisei_core.checkpoint.manifest import MANIFEST, TAKE_ANOTHER, Manifest
from keisei_core.checkpoint.serial import deserialized, is_ours, serialized
from keisei_core.errors import CheckpointError
from keisei_core.shown import command_line

BESIDE: Final = ".tmp"
OLD: Final = ".old"


def write_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Writes a checkpoint beside its place, makes it durable, then renames it there.

    Args:
        folder: where it will stand, in a folder that exists; what stands there is replaced, and is never gone before
            its successor is whole.
        checkpoint: what to write.

    Raises:
        OSError: it can't be written; what stood there is untouched, and what was written is removed again.
    """
    blobs = serialized(checkpoint)
    beside, old = folder.with_name(folder.name + BESIDE), folder.with_name(folder.name + OLD)
    put_back(folder)
    for left_over in (beside, old):
        remove_checkpoint(left_over)
    try:
        _fill(beside, blobs)
        if folder.exists():
            folder.rename(old)
        beside.rename(folder)
    except OSError:
        remove_checkpoint(beside)
        raise
    sync(folder.parent)
    remove_checkpoint(old)


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
    version, blobs = read_files(folder)
    if version != FORMAT_VERSION:
        older = version < FORMAT_VERSION
        bring_up = f"bring it up with `{command_line('keisei', 'migrate', folder, '--to', 'CONFIG')}`"
        remedy = bring_up if older else "use a newer version of keisei"
        raise CheckpointError(folder, f"expected checkpoint format {FORMAT_VERSION}, got {version}", remedy)
    try:
        checkpoint = deserialized(blobs)
    except ValueError as error:
        raise CheckpointError(folder, f"holds what is not a checkpoint ({error})", TAKE_ANOTHER) from error
    broken = first_not_finite(checkpoint)
    if broken is not None:
        raise CheckpointError(folder, f"holds nan or inf in {broken}", TAKE_ANOTHER)
    return checkpoint


def read_files(folder: Path) -> tuple[int, dict[str, bytes]]:
    """Reads the files of a checkpoint of any format, verified against its manifest.

    Returns:
        The format's version, and the bytes of every file but the manifest by name.

    Raises:
        CheckpointError: it is not there, not whole, or damaged.
    """
    manifest = Manifest.read(folder)
    return manifest.format, manifest.read_files(folder)


def remove_checkpoint(folder: Path) -> None:
    """Removes a checkpoint's own files, the manifest first so that half a checkpoint is none, and the folder if empty.

    What somebody else put there stays. What can't be removed stays too: it is in nobody's way.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    with suppress(OSError):
        names = [MANIFEST, *sorted(path.name for path in folder.iterdir() if is_ours(path.name))]
        for name in names:
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def sync(folder: Path) -> None:
    """Makes a rename or a new name in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(folder: Path, blobs: Mapping[str, bytes]) -> None:
    """Writes files and, last, their manifest into a new folder, durably."""
    folder.mkdir()
    for name, blob in {**blobs, MANIFEST: Manifest.of(blobs).to_bytes()}.items():
        write_durably(folder / name, blob)
    sync(folder)


def write_durably(path: Path, blob: bytes) -> None:
    """Writes a file and waits until it is on the disk; an OSError names the file."""
    try:
        with path.open("wb") as file:
            file.write(blob)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
