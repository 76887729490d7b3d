"""Every game of the corpus as the files that `keisei games --output` writes, and the report of `make records`."""

import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

sys.path.append(str(Path(__file__).parent / "parts"))
REPORT: Final = os.environ.get("KEISEI_RECORDS_REPORT")
HEAD: Final = """# Records, read back by other programs

Written by `make records`: every game of `tests/records/parts/record_corpus.py`, of each ending and from many starts, as
`keisei games --output` writes it, {date}. What a reader is known not to read is not asked of it (`is_unknown` in
`tests/records/test_readers.py`).

| reader | file | games | not asked |
|---|---|---:|---|
"""
_FOUND: list[str] = []


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, dict[str, Any]]]]:
    """Returns the folder of the files, N.kif and so on, and the names and records of the games."""
    from record_corpus import corpus

    from keisei_core.records import Game, write_game
    from keisei_core.records.formats import SUFFIXES

    folder, games = tmp_path_factory.mktemp("records"), list(corpus())
    for number, (_, record) in enumerate(games):
        for suffix in SUFFIXES:
            write_game(Game.of(record), folder / f"{number}{suffix}")
    return folder, games


@pytest.fixture
def found() -> Callable[..., None]:
    """Writes a line of the report: reader, suffix, number of games, and what was not asked of how many."""
    return lambda *cells: _FOUND.append(f"| {' | '.join(map(str, cells))} |")


def pytest_sessionfinish() -> None:
    """Writes the report."""
    if REPORT and _FOUND:
        text = HEAD.format(date=f"{datetime.now(UTC):%Y-%m-%d}") + "\n".join(_FOUND) + "\n"
        Path(REPORT).write_text(text, encoding="utf-8")
