"""The manifest of a checkpoint: its format, and the size and SHA-256 of every other file."""

import hashlib
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Self

import attrs

from keisei_core.checkpoint.content import FORMAT_VERSION
from keisei_core.checkpoint.serial import from_json, to_json
from keisei_core.config.paths import near_path
from keisei_core.errors import CheckpointError

MANIFEST: Final = "manifest.json"
FILE_NAME: Final = re.compile(r"[a-z][a-z0-9-]*\.(json|safetensors)")
"""No name can lead out of the folder."""
DIGEST: Final = re.compile(r"[0-9a-f]{64}")
MOST_BYTES: Final = 2**20
"""A larger manifest is not read: it would list thousands of processes."""
TAKE_ANOTHER: Final = "take another checkpoint of the run; `keisei resume` takes the newest good one by itself"


@attrs.frozen(kw_only=True)
class FileRecord:
    """What a file must be."""

    num_bytes: int
    sha256: str

    @classmethod
    def of(cls, blob: bytes) -> Self:
        """Describes a file."""
        return cls(num_bytes=len(blob), sha256=hashlib.sha256(blob).hexdigest())


@attrs.frozen(kw_only=True)
class Manifest:
    """Format and files."""

    format: int
    files: Mapping[str, FileRecord]

    @classmethod
    def of(cls, blobs: Mapping[str, bytes]) -> Self:
        """Describes files of the present format."""
        return cls(format=FORMAT_VERSION, files={name: FileRecord.of(blob) for name, blob in blobs.items()})

    def to_bytes(self) -> bytes:
        """Returns the manifest's own file."""
        files = {name: {"bytes": file.num_bytes, "sha256": file.sha256} for name, file in self.files.items()}
        return to_json({"format": self.format, "files": files})

    @classmethod
    def from_bytes(cls, blob: bytes) -> Self:
        """Takes back what `to_bytes` gave.

        Raises:
            ValueError: it is nothing that `to_bytes` gives.
        """
        document = from_json(blob)
        version, files = document.pop("format", None), document.pop("files", None)
        if document or type(version) is not int or not isinstance(files, dict):
            raise ValueError("expected the keys format and files")
        return cls(format=version, files={name: _record(name, record) for name, record in files.items()})

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Reads the manifest of a checkpoint folder.

        Raises:
            CheckpointError: there is none, or it is damaged.
        """
        path = folder / MANIFEST
        if not folder.is_dir():
            got = "a file" if folder.exists() else f"nothing{near_path(folder)}"
            remedy = "name a folder such as RUN/checkpoints/update-000010; pickles and other files are never opened"
            raise CheckpointError(folder, f"expected a checkpoint folder, got {got}", remedy)
        if not path.exists():
            remedy = "name a folder such as RUN/checkpoints/update-000010"
            raise CheckpointError(folder, f"expected a checkpoint folder with {MANIFEST} in it", remedy)
        try:
            return cls.from_bytes(_read_file(path, most_bytes=MOST_BYTES))
        except ValueError as error:
            raise CheckpointError(path, f"is damaged ({error})", TAKE_ANOTHER) from error

    def read_files(self, folder: Path) -> dict[str, bytes]:
        """Reads all files of a checkpoint folder.

        Raises:
            CheckpointError: one of them differs from what was written.
        """
        return {name: self._read(folder / name, record) for name, record in self.files.items()}

    def _read(self, path: Path, record: FileRecord) -> bytes:
        blob = _read_file(path, most_bytes=record.num_bytes)
        if len(blob) != record.num_bytes:
            raise CheckpointError(path, f"is cut off: expected {record.num_bytes} bytes, got {len(blob)}", TAKE_ANOTHER)
        if FileRecord.of(blob) != record:
            raise CheckpointError(path, "is damaged: it differs from its SHA-256 in the manifest", TAKE_ANOTHER)
        return blob


def _record(name: str, record: object) -> FileRecord:
    """Returns a checked record.

    Raises:
        ValueError: it is none.
    """
    if not FILE_NAME.fullmatch(name):
        raise ValueError(f"expected file names such as state.json, got {name!r}")
    if not isinstance(record, dict) or set(record) != {"bytes", "sha256"}:
        raise ValueError(f"expected bytes and sha256 of {name}")
    size, digest = record["bytes"], record["sha256"]
    if type(size) is not int or not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise ValueError(f"expected bytes and sha256 of {name}")
    return FileRecord(num_bytes=size, sha256=digest)


def _read_file(path: Path, most_bytes: int) -> bytes:
    """Reads a file unless it is larger than it may be; what is no file (a pipe, say) is not opened.

    Raises:
        CheckpointError: it can't be read.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise CheckpointError(path, "is no file", TAKE_ANOTHER)
        if status.st_size > most_bytes:
            reason = f"is damaged: expected at most {most_bytes} bytes, got {status.st_size}"
            raise CheckpointError(path, reason, TAKE_ANOTHER)
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(path, f"can't be read ({error.strerror})", TAKE_ANOTHER) from error
