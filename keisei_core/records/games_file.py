"""Games files: a line of JSON for each game, of a match or of self-play."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from keisei_core.config.paths import near_path
from keisei_core.errors import ConfigError
from keisei_core.records.game import Game

OF_A_RUN: Final = ("games.jsonl", "matches.jsonl")
"""Games of self-play, and of matches."""


def read_games(path: Path, tell: Callable[[str], None] = lambda _: None) -> Iterator[Game]:
    """Yields the games of a games file, or of a run folder: first those of self-play, then those of matches.

    Empty lines and a byte order mark are passed over.

    Args:
        path: a file or a run folder.
        tell: told of a last line that was cut off, as a run that is writing it leaves it; it is left out.

    Raises:
        ConfigError: the file can't be read, or a line is no game; names file and line.
    """
    files = [path / name for name in OF_A_RUN] if path.is_dir() else [path]
    for file in [file for file in files if file.exists()] or files[:1]:
        yield from _games_in(file, tell)


def _games_in(path: Path, tell: Callable[[str], None]) -> Iterator[Game]:
    lines = _content(path).split(b"\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            record = _parsed(line)
        except ValueError as error:
            if number == len(lines):  # a whole line has its line feed behind it
                tell(f"{path}: line {number} is cut off and left out")
                return
            raise ConfigError([f"{path}: line {number}: expected one JSON object ({error})"]) from error
        try:
            yield Game.of(record)
        except ConfigError as error:
            raise ConfigError([f"{path}: line {number}: {error}"]) from error


def _content(path: Path) -> bytes:
    """Reads a file without its byte order mark.

    Raises:
        ConfigError: it can't be read.
    """
    try:
        return path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        what = "expected a file of games, one JSON object a line, or a run that keeps some ([tracking] sample_games)"
        meant = "" if path.exists() else near_path(path)
        raise ConfigError([f"{path}: {what}: {error.strerror or error}{meant}"]) from error


def _parsed(line: bytes) -> dict[str, Any]:
    """Reads a line.

    Raises:
        ValueError: it is no JSON object.
    """
    try:
        record = json.loads(line.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if not isinstance(record, dict):
        raise ValueError(f"got {type(record).__name__}")
    return record
