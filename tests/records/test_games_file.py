"""Games files: what is read, what is passed over and told, what is refused."""

import json
from pathlib import Path

import pytest
from record_corpus import game

from keisei_core.errors import ConfigError
from keisei_core.records import read_games

LINE = json.dumps(game("7g7f", names=("a", "b")))


def read(path):
    told = []
    return list(read_games(path, told.append)), told


@pytest.mark.parametrize(
    ("content", "count"),
    [
        (f"{LINE}\n{LINE}\n", 2),
        (f"{LINE}\n{LINE}", 2),
        (f"\ufeff{LINE}\n", 1),
        (f"{LINE}\r\n{LINE}\r\n", 2),
        (f"\n{LINE}\n\n  \n{LINE}\n\n", 2),
        (LINE.replace('"a"', '"\u2028 \x85"') + "\n", 1),
        ("", 0),
    ],
    ids=["plain", "no-line-feed", "bom", "crlf", "blank-lines", "line-separators", "empty"],
)
def test_file_as_people_and_editors_leave_it_is_read(tmp_path, content, count):
    (tmp_path / "g.jsonl").write_bytes(content.encode())

    games, told = read(tmp_path / "g.jsonl")

    assert len(games) == count
    assert told == []


@pytest.mark.parametrize("cut", [1, 20, len(LINE) - 1])
def test_torn_last_line_is_left_out_and_told(tmp_path, cut):
    (tmp_path / "g.jsonl").write_text(f"{LINE}\n{LINE[:cut]}")

    games, told = read(tmp_path / "g.jsonl")

    assert len(games) == 1
    assert told == [f"{tmp_path}/g.jsonl: line 2 is cut off and left out"]


@pytest.mark.parametrize("tail", [b"\0" * 100, '{"black": "駒'.encode()[:-1]], ids=["nul", "half-a-letter"])
def test_last_line_that_is_no_text_is_torn_too(tmp_path, tail):
    (tmp_path / "g.jsonl").write_bytes(f"{LINE}\n".encode() + tail)

    games, told = read(tmp_path / "g.jsonl")

    assert (len(games), len(told)) == (1, 1)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (LINE[:20], "line 2: expected one JSON object"),
        ("[]", "line 2: expected one JSON object .got list"),
        (f"{LINE}{LINE}", "line 2: expected one JSON object"),
        ("[" * 100_000, "line 2: expected one JSON object"),
        ('{"sfen": "x"}', "line 2: expected a game with sfen, moves, ending and winner"),
        (json.dumps(game() | {"black": "a"}), "line 2: .* got none of: white"),
    ],
)
def test_wrong_line_in_the_middle_is_refused_with_its_number(tmp_path, line, complaint):
    (tmp_path / "g.jsonl").write_text(f"{LINE}\n{line}\n{LINE}\n")

    with pytest.raises(ConfigError, match=complaint):
        read(tmp_path / "g.jsonl")


def test_run_folder_means_its_games(tmp_path):
    (tmp_path / "games.jsonl").write_text(f"{LINE}\n")

    assert len(read(tmp_path)[0]) == 1


@pytest.mark.parametrize("name", ["nothing", "nothing/games.jsonl", "."])
def test_place_without_games_is_told_in_words(tmp_path, name):
    with pytest.raises(ConfigError, match=r"expected a file of games.*sample_games.*: No such file"):
        read(tmp_path / name)


def test_path_where_nothing_is_is_told_with_what_stands_beside_it(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    with pytest.raises(ConfigError, match=r"No such file or directory; did you mean '.*/mine'\?"):
        list(read_games(tmp_path / "mien"))
