"""Files of one game: the suffix says format and encoding; nothing is written over, nothing half-written stays."""

from pathlib import Path

import pytest
from record_corpus import game

from keisei_core.errors import ConfigError
from keisei_core.records import Game, write_game
from keisei_core.records.formats import SUFFIXES

GAME = Game.of(game("7g7f", names=("駒 \U0001f600?", "b")))


@pytest.mark.parametrize(
    ("name", "encoding", "first"),
    [
        ("g.kif", "cp932", "#KIF version=2.0 encoding=Shift_JIS"),
        ("g.KIF", "cp932", "#KIF version=2.0 encoding=Shift_JIS"),
        ("g.kifu", "utf-8", "#KIF version=2.0 encoding=UTF-8"),
        ("g.csa", "utf-8", "'CSA encoding=UTF-8"),
        ("g.usi", "ascii", "position startpos moves 7g7f"),
    ],
)
def test_suffix_says_format_and_encoding(tmp_path, name, encoding, first):
    write_game(GAME, tmp_path / name)

    lines = (tmp_path / name).read_bytes().decode(encoding).split("\n")
    assert lines[0] == first
    assert lines[-1] == ""


def test_character_that_an_encoding_lacks_is_a_question_mark_and_counted(tmp_path):
    assert write_game(GAME, tmp_path / "g.kif") == 1
    assert write_game(GAME, tmp_path / "g.kifu") == 0
    assert "駒 ??" in (tmp_path / "g.kif").read_text("cp932")


@pytest.mark.parametrize("name", ["g", "g.txt", "g.ki2", ".kif"])
def test_other_name_is_refused_with_those_that_are_known(tmp_path, name):
    with pytest.raises(ConfigError, match=r"expected a name that ends in \.kif, \.kifu, \.csa, \.usi"):
        write_game(GAME, tmp_path / name)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_file_that_is_there_is_never_written_over(tmp_path, suffix):
    path = tmp_path / f"g{suffix}"
    path.write_text("mine")

    with pytest.raises(ConfigError, match="never written over"):
        write_game(GAME, path)
    assert path.read_text() == "mine"


def test_game_that_cannot_be_written_leaves_no_file(tmp_path):
    with pytest.raises(ConfigError, match="expected legal moves"):
        write_game(Game.of(game("1a1a")), tmp_path / "g.kif")
    assert list(tmp_path.iterdir()) == []


def test_place_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(ConfigError, match="can't be written: No such file"):
        write_game(GAME, tmp_path / "nowhere" / "g.kif")
    with pytest.raises(ConfigError, match=r"can't be written"):
        write_game(GAME, Path("/proc/g.kif"))
