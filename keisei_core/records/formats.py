"""Games as text, and as files that other programs open: the suffix says the format and with it the encoding."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.config.paths import file_errors
from keisei_core.errors import ConfigError
from keisei_core.records.csa import csa_lines
from keisei_core.records.game import Game
from keisei_core.records.kif import kif_lines


def usi_lines(game: Game) -> Iterator[str]:
    """Yields the one line that tells an engine of the game.

    Raises:
        ConfigError: see `Game.plies`.
    """
    for _ in game.plies():
        pass
    start = "startpos" if game.start == NAMED_STARTS["startpos"] else f"sfen {game.start}"
    yield " ".join(("position", start, *(["moves", *game.moves] if game.moves else [])))


FORMS: Final[dict[str, Callable[[Game], Iterator[str]]]] = {"kif": kif_lines, "csa": csa_lines, "usi": usi_lines}
SUFFIXES: Final = {
    ".kif": ("kif", "cp932"),
    ".kifu": ("kif", "utf-8"),
    ".csa": ("csa", "utf-8"),
    ".usi": ("usi", "ascii"),
}
"""Format and encoding; programs take a .kif for Shift_JIS and a .kifu for UTF-8, whatever is in it."""
KIF_ENCODINGS: Final = {"cp932": "Shift_JIS", "utf-8": "UTF-8"}


def as_text(game: Game, form: str) -> str:
    """Writes a game in one of `FORMS`; lines end in a line feed.

    Raises:
        ConfigError: see `Game.plies`.
    """
    return "".join(f"{line}\n" for line in FORMS[form](game))


def form_of(path: Path) -> str:
    """Returns the format that a file's name means.

    Raises:
        ConfigError: its suffix is none of `SUFFIXES`.
    """
    return _by_suffix(path)[0]


def _by_suffix(path: Path) -> tuple[str, str]:
    try:
        return SUFFIXES[path.suffix.lower()]
    except KeyError as error:
        raise ConfigError([f"{path}: expected a name that ends in {', '.join(SUFFIXES)}"]) from error


def write_game(game: Game, path: Path) -> int:
    """Writes a game into a new file.

    Returns:
        How many characters of names the encoding does not have; each is written as `?`.

    Raises:
        ConfigError: see `Game.plies` and `form_of`; or the file is there already or can't be written.
    """
    _by_suffix(path)
    data, num_lost = file_content(game, path.suffix.lower())
    with file_errors(path, "written"):
        _write_new(path, data)
    return num_lost


def file_content(game: Game, suffix: str) -> tuple[bytes, int]:
    """Returns what a file of a game has in it, and how many characters of names the encoding does not have.

    Args:
        game: any.
        suffix: one of `SUFFIXES`.

    Raises:
        ConfigError: see `Game.plies`.
    """
    form, encoding = SUFFIXES[suffix]
    head = f"#KIF version=2.0 encoding={KIF_ENCODINGS[encoding]}\n" if form == "kif" else ""
    text = head + as_text(game, form)
    data = text.encode(encoding, errors="replace")
    return data, data.count(b"?") - text.count("?")


def _write_new(path: Path, data: bytes) -> None:
    """Writes a file that is not there yet, whole or not at all."""
    try:
        file = path.open("xb")
    except FileExistsError as error:
        raise ConfigError([f"{path}: exists already and is never written over; name another file"]) from error
    try:
        with file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise
