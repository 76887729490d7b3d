"""Whose code may run: files of `--plugin` that this user has named once, known by SHA-256.

A copy in a run folder or an export came with that folder, and so did the SHA-256 that it is compared with: neither says
whether its reader wants it to run. What was named by `--plugin` on this machine is therefore listed in the user's own
data folder, and a copy is imported only if it stands there or is in use by this process already.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

from keisei_core.errors import PluginError
from keisei_core.plugins.plugin_file import VERSION_LENGTH, PluginFile, files_in_use
from keisei_core.shown import command_line, shown

LIST: Final = "own_plugins.txt"
"""One file a line: its SHA-256, a space, its name."""
DIGEST_LENGTH: Final = 64
DIGITS: Final = frozenset("0123456789abcdef")


def remember(file: PluginFile) -> None:
    """Lists a file that the user has named; where the list can't be written, the file will be asked for again."""
    path = list_path()
    if path is None or file.sha256 in listed_digests():
        return
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # One write at the end of the file: commands that start together lose none of each other's lines. The line feed
        # before it ends a line that was cut off.
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            before = "\n" if os.fstat(descriptor).st_size else ""
            os.write(descriptor, f"{before}{file.sha256} {file.name}\n".encode())
        finally:
            os.close(descriptor)


def refuse_unknown(files: Iterable[PluginFile]) -> tuple[PluginFile, ...]:
    """Returns files that came with a folder, to be imported.

    Raises:
        PluginError: one was never named by `--plugin` here; with what to type once it was read.
    """
    files = tuple(files)
    in_use = {file.sha256 for file in files_in_use()}
    for file in files:
        if file.sha256 not in in_use and file.sha256 not in listed_digests():
            told = f"{shown(file.path)} (sha256 {file.sha256[:VERSION_LENGTH]}...) is code that came with this folder"
            name_it = command_line("--plugin", file.path)
            raise PluginError(f"{told} and was never used here; read it, then: keisei ... {name_it}")
    return files


def listed_digests() -> frozenset[str]:
    """Returns the SHA-256 of every listed file; damaged lines are passed over."""
    path = list_path()
    if path is None:
        return frozenset()
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    first = (line.partition(" ")[0] for line in lines)
    return frozenset(word for word in first if len(word) == DIGEST_LENGTH and DIGITS.issuperset(word))


def list_path() -> Path | None:
    """Returns where the list is, whether there is one or not; None where the user has no folder for it."""
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if data.is_absolute():  # the convention says that a relative one counts as none
        return data / "keisei" / LIST
    home = Path(os.environ.get("HOME", ""))
    return home / ".local" / "share" / "keisei" / LIST if home.is_absolute() and home.is_dir() else None
