"""TensorBoard's event files: one record after another, each a protobuf `Event` between its length and checksums."""

import io
import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.summary.writer.record_writer import RecordWriter

SUFFIX: Final = ".keisei"
"""Ends the names of the files written here; no other file is ever touched."""
LENGTH: Final = struct.Struct("<Q")
CHECKSUM_BYTES: Final = 4


def open_event_file(folder: Path) -> io.BufferedWriter:
    """Opens a new event file with a name that TensorBoard knows, and writes the version that it begins with."""
    now = time.time()
    name = f"events.out.tfevents.{now:.0f}.{socket.gethostname()}.{os.getpid()}.{time.monotonic_ns()}{SUFFIX}"
    file = (folder / name).open("xb")
    append_event(file, Event(wall_time=now, file_version="brain.Event:2"))
    return file


def append_event(file: io.BufferedIOBase, event: Event) -> None:
    """Appends one event and hands it to the system at once."""
    RecordWriter(file).write(event.SerializeToString())
    file.flush()


def keep_until(folder: Path, last_step: int) -> None:
    """Drops every event after a step, and what a killed process left half written, from the files written here."""
    for path in sorted(folder.glob(f"*tfevents*{SUFFIX}")):
        data = path.read_bytes()
        kept = b"".join(record for record, event in records(data) if event.step <= last_step)
        if kept != data:
            beside = path.with_name(f"{path.name}.tmp")
            beside.write_bytes(kept)
            beside.replace(path)


def records(data: bytes) -> Iterator[tuple[bytes, Event]]:
    """Yields every whole record of a file's bytes, as it stands and as an event, up to the first damaged one."""
    start = 0
    while start + LENGTH.size <= len(data):
        (length,) = LENGTH.unpack_from(data, start)
        payload = start + LENGTH.size + CHECKSUM_BYTES
        end = payload + length + CHECKSUM_BYTES
        record = data[start:end]
        if record != _record(data[payload : payload + length]):
            return
        yield record, Event.FromString(record[LENGTH.size + CHECKSUM_BYTES : -CHECKSUM_BYTES])
        start = end


def _record(payload: bytes) -> bytes:
    """Returns a payload as a record: the same bytes as those read, unless a checksum is wrong."""
    buffer = io.BytesIO()
    RecordWriter(buffer).write(payload)
    return buffer.getvalue()
