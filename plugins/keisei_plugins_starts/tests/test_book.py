"""Books: every form of line, and every way in which a line or a file is wrong."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from keisei_core.errors import ConfigError
from keisei_core.shogi import (
    NAMED_STARTS,
    START_SFEN,
    Games,
    StartContext,
    Starts,
    action_to_usi,
    format_sfen,
)
from keisei_plugins_starts.book import Book
from keisei_plugins_starts.options import BookOptions

AFTER_TWO = "lnsgkgsnl/1r5b1/pppppp1pp/6p2/9/2P6/PP1PPPPPP/1B5R1/LNSGKGSNL b - 3"
BARE = "4k4/9/9/9/9/9/9/9/4K4 b R 1"
MakeBook = Callable[..., Book]


@pytest.fixture
def book(tmp_path: Path) -> MakeBook:
    """Makes a book of a file with these lines."""

    def make(*lines: str, plies: int = 0, max_plies: int = 320) -> Book:
        (tmp_path / "book.txt").write_text("\n".join(lines), encoding="utf-8")
        options = BookOptions(path=str(tmp_path / "book.txt"), plies=plies)
        return Book(StartContext(max_plies=max_plies), options)

    return make


def sfens(book: Book) -> list[str]:
    return [format_sfen(book.positions, row) for row in range(len(book.positions))]


@pytest.mark.parametrize(
    ("line", "sfen"),
    [
        pytest.param(BARE, BARE, id="sfen"),
        pytest.param(f"sfen {BARE}", BARE, id="sfen-by-name"),
        pytest.param(BARE.removesuffix(" 1"), BARE, id="without-move-number"),
        pytest.param("startpos", START_SFEN, id="start"),
        pytest.param("bishop", NAMED_STARTS["bishop"], id="handicap"),
        pytest.param("startpos moves 7g7f 3c3d", AFTER_TWO, id="moves"),
        pytest.param("position startpos moves 7g7f 3c3d", AFTER_TWO, id="as-an-engine-gets-it"),
        pytest.param(f"sfen {START_SFEN} moves 7g7f 3c3d", AFTER_TWO, id="moves-from-sfen"),
        pytest.param(f"{START_SFEN} moves 7g7f 3c3d", AFTER_TWO, id="moves-from-bare-sfen"),
        pytest.param(f"{BARE} moves R*5e", "4k4/9/9/9/4R4/9/9/9/4K4 w - 2", id="drop"),
        pytest.param("startpos moves", START_SFEN, id="no-moves"),
        pytest.param("   startpos moves 7g7f   3c3d \t", AFTER_TWO, id="white-space"),
    ],
)
def test_line_gives_the_position_at_its_end(book: MakeBook, line: str, sfen: str) -> None:
    assert sfens(book(line)) == [sfen]


def test_blank_lines_and_comments_are_skipped(book: MakeBook) -> None:
    assert sfens(book("# a book", "", BARE, "  # 7g7f", "   ", "startpos")) == [BARE, START_SFEN]


def test_byte_order_mark_and_windows_line_ends_are_no_part_of_a_line(book: MakeBook, tmp_path: Path) -> None:
    book(BARE)
    (tmp_path / "book.txt").write_bytes(b"\xef\xbb\xbfstartpos moves 7g7f 3c3d\r\n" + BARE.encode() + b"\r\n")

    found = Book(StartContext(max_plies=320), BookOptions(path=str(tmp_path / "book.txt")))

    assert sfens(found) == [AFTER_TWO, BARE]


@pytest.mark.parametrize(("plies", "moves"), [(0, 4), (1, 1), (3, 3), (9, 4)])
def test_no_more_plies_of_a_line_are_played_than_asked_for(book: MakeBook, plies: int, moves: int) -> None:
    line = "startpos moves 7g7f 3c3d 2g2f 8c8d"

    found = book(line, plies=plies).positions

    assert found.ply.tolist() == [moves]
    assert sfens(book(line, plies=plies)) == sfens(book(" ".join(line.split()[: 2 + moves])))


def test_lines_of_random_games_end_where_the_games_stand(book: MakeBook) -> None:
    games, lines = Games(20, starts=Starts.standard(), seed=4), [["startpos", "moves"] for _ in range(20)]
    for _ in range(60):
        actions = games.sample()
        for row, line in enumerate(lines):
            line.append(action_to_usi(games.positions, int(actions[row]), row))
        games.step(actions, reset=False)

    found = book(*map(" ".join, lines)).positions

    np.testing.assert_array_equal(found.board, games.positions.board)
    np.testing.assert_array_equal(found.hands, games.positions.hands)
    np.testing.assert_array_equal(found.side_to_move, games.positions.side_to_move)
    np.testing.assert_array_equal(found.in_check, games.positions.in_check)
    np.testing.assert_array_equal(found.ply, games.positions.ply)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        pytest.param("lnsg/9 b - 1", "expected 9 ranks", id="sfen"),
        pytest.param("9/9/9/9/9/9/9/9/4K4 b - 1", "expected one white king, got 0", id="impossible"),
        pytest.param("7g7f 3c3d", "expected board, side to move", id="moves-alone"),
        pytest.param("startpos 7g7f", "expected 9 ranks|expected board, side", id="moves-without-the-word"),
        pytest.param("startpos moves 7g7e", "expected a legal move in USI, got '7g7e' as move 1 in", id="illegal"),
        pytest.param("startpos moves 7g7f 7f7e", "got '7f7e' as move 2 in", id="of-the-other-side"),
        pytest.param("startpos moves 7g7f banana", "got 'banana' as move 2", id="no-move"),
        pytest.param("6snk/6g2/7G1/9/9/9/9/9/4K4 b P 1 moves P*1b", "got 'P\\*1b' as move 1", id="mate-by-pawn-drop"),
        pytest.param("4k4/4G4/4P4/9/9/9/9/9/4K4 w - 2", "expected a position with a legal move", id="mated"),
        pytest.param("4k4/9/4P4/9/9/9/9/9/4K4 b G 1 moves G*5b", "expected a position with a legal move", id="mates"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b R 321", r"before max_plies \(320\), got one after 320 plies", id="late"),
    ],
)
def test_wrong_line_is_told_with_file_and_line(book: MakeBook, line: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=rf"start 'book': .*book\.txt:3: .*({complaint})"):
        book("# a book", BARE, line, "startpos")


def test_every_wrong_line_is_told_up_to_twenty(book: MakeBook) -> None:
    with pytest.raises(ConfigError) as told:
        book("bad", BARE, *["worse"] * 24)

    assert len(told.value.problems) == 21
    assert "book.txt:1: " in told.value.problems[0]
    assert "book.txt:3: " in told.value.problems[1]
    assert told.value.problems[-1].endswith("book.txt: 5 more lines are wrong")


@pytest.mark.parametrize("lines", [(), ("# nothing", "")])
def test_file_without_a_line_is_refused(book: MakeBook, lines: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError, match=r"book\.txt: expected an SFEN or a USI line, got none in the whole file"):
        book(*lines)


def test_file_that_is_not_there_is_told() -> None:
    with pytest.raises(ConfigError, match=r"start 'book': /nowhere\.txt: can't be read: No such file"):
        Book(StartContext(max_plies=320), BookOptions(path="/nowhere.txt"))


def test_file_that_is_no_text_is_told(book: MakeBook, tmp_path: Path) -> None:
    (tmp_path / "book.txt").write_bytes(b"startpos\n\xff\xfe\n")

    with pytest.raises(ConfigError, match=r"book\.txt: can't be read: not UTF-8"):
        Book(StartContext(max_plies=320), BookOptions(path=str(tmp_path / "book.txt")))


def test_book_without_a_path_says_how_to_write_one() -> None:
    with pytest.raises(ConfigError, match="expected a path; write book:path=FILE"):
        Book(StartContext(max_plies=320), BookOptions())


def test_every_line_is_drawn_as_often_as_the_others(book: MakeBook) -> None:
    made = book(BARE, "startpos", "startpos moves 7g7f")

    drawn = made.draw(9_000, np.random.default_rng(1))
    counts = np.unique(drawn.board, axis=0, return_counts=True)[1]

    # Five standard errors of 9,000 draws are 224.
    assert sorted(counts) == pytest.approx([3_000] * 3, abs=224)


def test_path_is_kept_from_the_root_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "book.txt").write_text("startpos\n")
    options = BookOptions(path="book.txt")

    monkeypatch.chdir("/")

    assert options.path == str(tmp_path / "book.txt")
    assert len(Book(StartContext(max_plies=320), options).positions) == 1
