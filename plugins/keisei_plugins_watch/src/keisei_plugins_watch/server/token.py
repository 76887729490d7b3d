"""The token of a user: who has it may read and act. It is kept, so that a page finds its server again after a restart.

It lies in the user's data folder in a file that nobody else may read. Where there is no such folder, a token lasts as
long as its server.
"""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path
from typing import Final

NAME: Final = "browser-token"
NUM_BYTES: Final = 32
OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def user_token() -> str:
    """Returns the user's token, a new one where there is none that others could not have read."""
    path = token_path()
    if path is None:
        return _new()
    with suppress(OSError):
        return _kept(path) or _written(path)
    return _new()


def token_path() -> Path | None:
    """Returns where the token is kept; None where the user has no folder for it."""
    data = Path(os.environ.get("XDG_DATA_HOME", ""))
    if not data.is_absolute():  # the convention says that a relative one counts as none
        home = Path(os.environ.get("HOME", ""))
        data = home / ".local" / "share"
        if not (home.is_absolute() and home.is_dir()):
            return None
    return data / "keisei" / NAME


def _new() -> str:
    return secrets.token_urlsafe(NUM_BYTES)


def _kept(path: Path) -> str:
    """Returns the token in a file; nothing where there is none, or one that somebody else may have read or written."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:  # there is none, or a link
        return ""
    with open(descriptor, encoding="ascii", errors="replace") as file:
        found = os.fstat(descriptor)
        text = file.read().strip()
    is_own = found.st_uid == os.getuid() and not found.st_mode & OTHERS
    return text if is_own and len(text) == len(_new()) else ""


def _written(path: Path) -> str:
    """Keeps a new token in the place of whatever is there; returns the one that stands there afterwards."""
    token = _new()
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{NAME}.{os.getpid()}")
    beside.unlink(missing_ok=True)
    with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(token)
    beside.replace(path)
    return _kept(path) or token
