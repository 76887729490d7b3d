"""`keisei games` as a user calls it."""

import json

import pytest

from keisei_core.cli import main
from keisei_core.config.named_starts import NAMED_STARTS

START = NAMED_STARTS["startpos"]


@pytest.fixture
def games(capsys):
    def call(*arguments):
        code = main(["games", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture
def run(tmp_path):
    """A run folder with three games and a line that a kill has torn."""
    first = {"update": 3, "sfen": START, "moves": ["7g7f", "3c3d"], "ending": "max_plies", "winner": ""}
    second = first | {"ending": "resignation", "winner": "white"}
    names = {"black": "/home/me/runs/r/checkpoints/update-000004 @abc", "white": "x\x1b]0;OWNED\x07\n    9  by me"}
    lines = [json.dumps(record) for record in (first, second, second | names)]
    (tmp_path / "games.jsonl").write_text("\n".join([*lines, lines[0][:50]]))
    return tmp_path


def test_run_is_listed_a_line_for_each_game_and_its_torn_line_told(games, run):
    code, out, err = games(run)

    assert code == 0
    assert out.splitlines() == [
        "    0     2 plies  max_plies",
        "    1     2 plies  white wins by resignation",
        r"    2     2 plies  white wins by resignation    r update-000004 @abc - x\x1b]0;OWNED\x07\n    9  by me",
    ]
    assert err == f"keisei: note: {run}/games.jsonl: line 4 is cut off and left out\n"


def test_game_is_printed_as_kif_unless_told_otherwise(games, run):
    assert games(run, "--game", 1)[1].splitlines()[-1] == "まで2手で後手の勝ち"
    assert games(run, "--game", 1, "--format", "csa")[1].splitlines()[-1] == "%TORYO"
    assert games(run / "games.jsonl", "--game", 1, "--format", "usi")[1] == "position startpos moves 7g7f 3c3d\n"


@pytest.mark.parametrize(("name", "encoding"), [("g.kif", "cp932"), ("g.kifu", "utf-8"), ("g.csa", "utf-8")])
def test_game_is_written_into_the_file_that_output_names(games, run, tmp_path, name, encoding):
    code, out, _ = games(run, "--game", 2, "--output", tmp_path / name)

    assert (code, out) == (0, f"{tmp_path / name}: 2 plies\n")
    assert "r update-000004 @abc" in (tmp_path / name).read_text(encoding)


def test_file_is_never_written_over(games, run, tmp_path):
    (tmp_path / "g.kif").write_text("mine")
    code, _, err = games(run, "--game", 1, "--output", tmp_path / "g.kif")

    assert code == 2
    assert "never written over" in err
    assert (tmp_path / "g.kif").read_text() == "mine"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("--output", "g.kif"), "--output takes one game; name it by --game"),
        (("--game", "0", "--output", "g.png"), "expected a name that ends in .kif, .kifu, .csa, .usi"),
        (("--game", "0", "--output", "g.csa", "--format", "kif"), "its suffix means csa, got --format kif"),
        (("--game", "3"), "expected a game below 3, got 3"),
    ],
)
def test_wrong_call_is_told_what_to_name(games, run, arguments, complaint):
    code, _, err = games(run, *arguments)

    assert code == 2
    assert complaint in err
