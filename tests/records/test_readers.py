"""What other programs read from the files: moves, start, names, and who won.

What a reader is known not to read stands in `is_unknown`.
"""

from collections import Counter
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs
import cshogi
import cshogi.CSA
import cshogi.KIF
import pytest
import shogi
import shogi.CSA
import shogi.KIF
from rsshogi.core import Board
from rsshogi.record import Record

from keisei_core.config.named_starts import NAMED_STARTS


@attrs.frozen(kw_only=True)
class Read:
    """A game as a reader has it."""

    sfen: str
    moves: list[str]
    winner: str
    names: list[str]


def by_cshogi(path: Path) -> Read:
    is_kif = path.suffix != ".csa"
    read = cshogi.KIF.Parser.parse_file(str(path)) if is_kif else cshogi.CSA.Parser.parse_file(str(path), "utf-8")[0]
    winner = {cshogi.BLACK_WIN: "black", cshogi.WHITE_WIN: "white"}.get(read.win, "")
    moves = [cshogi.move_to_usi(move) for move in read.moves]
    return Read(sfen=read.sfen, moves=moves, winner=winner, names=[name for name in read.names if name])


def by_python_shogi(path: Path) -> Read:
    (read,) = (shogi.CSA if path.suffix == ".csa" else shogi.KIF).Parser.parse_file(str(path))
    winner = {"b": "black", "w": "white"}.get(read["win"], "")
    return Read(sfen=read["sfen"], moves=read["moves"], winner=winner, names=[name for name in read["names"] if name])


def by_rsshogi(path: Path) -> Read:
    text = path.read_text(encoding="cp932" if path.suffix == ".kif" else "utf-8")
    if path.suffix == ".usi":
        read = Record.from_usi_position(text.strip())
    else:
        read = Record.from_csa_str(text) if path.suffix == ".csa" else Record.from_kif_str(text)
    winner = "black" if read.result.is_black_win() else "white" if read.result.is_white_win() else ""
    names = [name for name in (read.metadata.black_player, read.metadata.white_player) if name]
    moves = [entry.move.to_usi() for entry in read.moves]
    return Read(sfen=read.init_position_sfen, moves=moves, winner=winner, names=names)


READERS = {"cshogi": by_cshogi, "python-shogi": by_python_shogi, "rsshogi": by_rsshogi}
NAMED = set(NAMED_STARTS.values())


def is_unknown(reader: str, suffix: str, what: str, record: dict[str, Any]) -> bool:
    """Tells whether a reader is known not to read this from such a game."""
    is_named, has_hand = record["sfen"] in NAMED, record["sfen"].split()[2] != "-"
    ending = record["ending"] if what == "winner" else ""
    return {
        # It passes over diagrams, and plays the moves from the start position.
        ("cshogi", ".kif"): what in ("sfen", "moves") and not is_named,
        ("cshogi", ".csa"): ending in ("mate", "death"),
        # It gives the position before the game the side to move after it.
        ("python-shogi", ".kif"): (what == "sfen" and not is_named) or ending == "declaration",
        # It mistakes pieces in hand for others.
        ("python-shogi", ".csa"): has_hand or ending in ("mate", "declaration", "death"),
        ("rsshogi", ".csa"): ending == "death",
        ("rsshogi", ".usi"): what in ("winner", "names"),
    }.get((reader, suffix.removesuffix("u")), False)


CASES = [
    pytest.param(reader, suffix, id=f"{reader}{suffix}")
    for reader in READERS
    for suffix in (".kif", ".kifu", ".csa", *([".usi"] if reader == "rsshogi" else []))
]


@pytest.mark.parametrize(("reader", "suffix"), CASES)
def test_other_programs_read_what_was_played(written, found, reader, suffix):
    (folder, games), unknown = written, Counter()
    for number, (name, record) in enumerate(games):
        read: Any = attempt(READERS[reader], folder / f"{number}{suffix}")
        expected = {
            "sfen": normal(record["sfen"]),
            "moves": record["moves"],
            "winner": record["winner"],
            "names": [record[side] for side in ("black", "white") if side in record],
        }
        for what, wanted in expected.items():
            if is_unknown(reader, suffix, what, record):
                unknown[what] += 1
            else:
                got = normal(read.sfen) if what == "sfen" else getattr(read, what)
                assert got == wanted, (name, what)
    version = metadata.version(reader)
    found(f"{reader} {version}", suffix, len(games), ", ".join(f"{what} of {count}" for what, count in unknown.items()))


def attempt(reader: Callable[[Path], Read], path: Path) -> Read | ValueError:
    try:
        return reader(path)
    except ValueError as error:
        return error


def normal(sfen: str) -> list[str]:
    """Returns board, side to move and hands; hands are written in many orders."""
    return str(Board(sfen).to_sfen()).split()[:3]
