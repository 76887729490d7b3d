"""Lines come as they are written, each once, and a file that is another one is read anew."""

import json

import pytest

from keisei_plugins_watch.live.growing_file import GrowingFile


def parsed(line):
    try:
        return json.loads(line)
    except ValueError:
        return None


@pytest.fixture
def path(tmp_path):
    return tmp_path / "lines.jsonl"


@pytest.fixture
def growing(path):
    return GrowingFile(path, parsed)


def test_lines_come_once_each(path, growing):
    assert (growing.look(), list(growing.rows)) == (False, [])
    path.write_text("1\n2\n")
    assert (growing.look(), list(growing.rows)) == (True, [1, 2])
    assert growing.look() is False
    with path.open("a") as file:
        file.write("3\n")
    assert (growing.look(), list(growing.rows)) == (True, [1, 2, 3])


def test_only_the_newest_rows_are_kept_and_what_comes_is_told_all_the_same(path):
    growing = GrowingFile(path, parsed, most=2)
    path.write_text("1\n2\n3\n")
    assert (growing.look(), list(growing.rows)) == (True, [2, 3])
    with path.open("a") as file:
        file.write("4\n")
    assert (growing.look(), list(growing.rows)) == (True, [3, 4])
    assert growing.look() is False


def test_torn_line_waits_for_its_end_even_within_a_character(path, growing):
    whole = json.dumps("形勢", ensure_ascii=False).encode() + b"\n"
    path.write_bytes(b"1\n" + whole[:3])
    growing.look()
    assert list(growing.rows) == [1]
    with path.open("ab") as file:
        file.write(whole[3:])
    growing.look()
    assert list(growing.rows) == [1, "形勢"]


def test_line_that_says_nothing_is_passed_over(path, growing):
    path.write_bytes(b"1\n\xff\xfe\nnonsense\n\n2\n")
    growing.look()

    assert list(growing.rows) == [1, 2]


def test_file_that_is_cut_is_read_anew(path, growing):
    path.write_text("1\n2\n3\n")
    growing.look()
    path.write_text("1\n")

    assert (growing.look(), list(growing.rows)) == (True, [1])


def test_file_in_the_place_of_another_is_read_anew_though_it_is_longer(path, growing, tmp_path):
    path.write_text("1\n2\n")
    growing.look()
    (tmp_path / "other").write_text("5\n6\n7\n")
    (tmp_path / "other").replace(path)

    assert (growing.look(), list(growing.rows)) == (True, [5, 6, 7])


def test_file_that_is_cut_and_grows_past_what_it_was_is_read_anew(path, growing):
    path.write_text("1\n2\n")
    growing.look()
    path.write_text("1\n5\n6\n")

    assert (growing.look(), list(growing.rows)) == (True, [1, 5, 6])


def test_file_replaced_twice_between_two_looks_is_read_anew_though_it_is_longer(path, growing, tmp_path):
    path.write_text("1\n2\n")
    growing.look()
    for content in ("5\n", "6\n7\n8\n"):  # many file systems give the second the number of the first file
        (tmp_path / "other").write_text(content)
        (tmp_path / "other").replace(path)

    assert (growing.look(), list(growing.rows)) == (True, [6, 7, 8])


def test_lines_longer_than_what_is_remembered_come_once_each(path, growing):
    rows = ["a" * 1000, "b" * 100, "c" * 200]
    for row in rows:
        with path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        assert growing.look() is True

    assert list(growing.rows) == rows
    assert growing.look() is False


def test_file_that_is_taken_away_has_no_lines(path, growing):
    path.write_text("1\n")
    growing.look()
    path.unlink()

    assert (growing.look(), list(growing.rows)) == (True, [])
    assert growing.look() is False
