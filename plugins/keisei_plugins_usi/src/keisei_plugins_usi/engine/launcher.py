"""A file that a user interface can register: user interfaces start a path without arguments, in the folder of the file.

Everything in it is absolute and quoted: neither the working folder nor what PATH finds there plays a part.
"""

import hashlib
import os
import re
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from keisei_core.errors import ConfigError
from keisei_core.shown import shown

MADE_BY: Final = "made by keisei usi --launcher"
"""Stands in every launcher: what does not have it is nobody's to write over."""
KEPT: Final = ("NUMBA_CACHE_DIR", "PYTHONPATH", "KEISEI_DISABLE_PLUGINS", "KEISEI_ONLY_PLUGINS")
"""Variables of the environment that the engine is started with as they are now: kernels are found by the first."""
ONE_THREAD: Final = {"OMP_NUM_THREADS": "1"}
"""Libraries' own threads; the option `Threads` decides how many compute."""


UNTRIED: Final = "-untried"
"""Ends the name of a launcher that stands beside its place."""
DIGITS: Final = 6
"""Of the hash of a name that ASCII can't write, so that two such names are two files."""


def write_launcher(folder: Path, name: str, arguments: Sequence[str], *, is_windows: bool = os.name == "nt") -> Path:
    """Writes the file beside its place and returns its absolute path; `place_launcher` moves it there.

    Args:
        folder: where; made if it is not there.
        name: of the player, see `plain_name`.
        arguments: of `keisei usi`.
        is_windows: whether cmd.exe starts it, not a shell.

    Raises:
        ConfigError: it can't be written, or another file has its name.
    """
    place = folder.absolute() / f"keisei-{plain_name(name)}{'.bat' if is_windows else '.sh'}"
    path = place.with_stem(place.stem + UNTRIED)
    command = [sys.executable, "-P", "-m", "keisei_core", "usi", *arguments]
    variables = ONE_THREAD | {key: os.environ[key] for key in KEPT if os.environ.get(key)}
    text = batch_file(command, variables) if is_windows else shell_script(command, variables)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if place.exists() and MADE_BY not in place.read_text(encoding="utf-8", errors="replace"):
            raise ConfigError([f"{place}: expected a launcher or nothing, got another file; name another folder"])
        path.write_bytes(text.encode("utf-8"))
        path.chmod(0o755)
    except OSError as error:
        raise ConfigError([f"--launcher {shown(folder)}: can't be written: {error.strerror}"]) from error
    return path


def place_launcher(untried: Path) -> Path:
    """Moves a launcher to its place and returns that; an older one of the name is replaced.

    Raises:
        ConfigError: it can't be moved.
    """
    try:
        return untried.replace(untried.with_stem(untried.stem.removesuffix(UNTRIED)))
    except OSError as error:
        raise ConfigError([f"{untried}: can't be renamed: {error.strerror}"]) from error


def plain_name(name: str) -> str:
    """Returns a name in ASCII's letters, digits and `-`, with a hash of it where it has other letters."""
    plain = re.sub(r"[^A-Za-z0-9._]+", "-", name).strip("-.") or "engine"
    return plain if name.isascii() else f"{plain}-{hashlib.sha256(name.encode()).hexdigest()[:DIGITS]}"


def shell_script(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """Returns a launcher for Linux and macOS."""
    exports = [f"export {key}={shlex.quote(value)}" for key, value in variables.items()]
    return "\n".join(["#!/bin/sh", f"# A USI engine, {MADE_BY}.", *exports, f"exec {shlex.join(command)}", ""])


def batch_file(command: Sequence[str], variables: Mapping[str, str]) -> str:
    """Returns a launcher for Windows: UTF-8, of which cmd.exe is told, with its own ends of lines.

    Raises:
        ConfigError: a word has a quotation mark in it, which cmd.exe has no way to write.
    """
    for word in (*command, *variables.values()):
        if '"' in word:
            raise ConfigError([f"expected words that cmd.exe can have, got {word!r}; leave out its quotation marks"])
    sets = [f'set "{key}={percent(value)}"' for key, value in variables.items()]
    called = " ".join(f'"{percent(word)}"' for word in command)
    head = ["@echo off", f"rem A USI engine, {MADE_BY}.", "chcp 65001 >nul"]
    return "\r\n".join([*head, *sets, called, ""])


def percent(text: str) -> str:
    """Returns a text in which cmd.exe sees no variables."""
    return text.replace("%", "%%")
