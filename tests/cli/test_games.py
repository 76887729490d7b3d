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
        "    0     2 plies  cut off                            self-play, update 3",
        "    1     2 plies  white wins by resignation          self-play, update 3",
        "    2     2 plies  white wins by resignation          self-play, update 3       "
        r"r update-000004 @abc - x\x1b]0;OWNED\x07\n    9  by me",
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
        (("--output", "g.kif"), "--output FILE takes one game; name it by --game, or"),
        (("--game", "0", "--output", "g.png"), "expected a name that ends in .kif, .kifu, .csa, .usi"),
        (("--game", "0", "--output", "g.csa", "--format", "kif"), "its suffix means csa, got --format kif"),
        (("--game", "3"), "expected a game below 3, got 3"),
        (("--game", "0", "--lost"), "game 0 was not lost; leave out --lost"),
        (("--json", "--output", "all"), "--json prints what is listed; leave out --output and --format"),
    ],
)
def test_wrong_call_is_told_what_to_name(games, run, arguments, complaint):
    code, _, err = games(run, *arguments)

    assert code == 2
    assert complaint in err


@pytest.fixture
def matches(run):
    """The same run with two games of a match, of which its network lost the first."""
    game = {"update": 4, "match": "rung", "first": "black", "black": "r update-000004", "white": "random"}
    lost = game | {"sfen": START, "moves": ["7g7f", "3c3d"], "ending": "resignation", "winner": "white"}
    won = lost | {"first": "white", "values": [None, 0.25]}
    (run / "matches.jsonl").write_text("".join(json.dumps(record) + "\n" for record in (lost, won)))
    return run


def test_games_of_matches_stand_behind_those_of_self_play(games, matches):
    rows = games(matches)[1].splitlines()

    assert len(rows) == 5
    row = "    3     2 plies  white wins by resignation    lost  match, rung, update 4     r update-000004 - random"
    assert rows[3] == row


def test_lost_games_keep_their_numbers(games, matches):
    assert [row.split()[0] for row in games(matches, "--lost")[1].splitlines()] == ["3"]
    assert games(matches, "--lost", "--game", 3)[1] == games(matches, "--game", 3)[1]


def test_json_tells_what_a_game_is_and_who_lost_it(games, matches):
    found = json.loads(games(matches, "--json")[1])["games"]

    assert [game["lost"] for game in found] == [None, None, None, True, False]
    assert found[0] == {
        "game": 0, "update": 3, "match": None, "black": "", "white": "", "first": None, "sfen": START,
        "moves": ["7g7f", "3c3d"], "ending": "max_plies", "winner": None, "lost": None, "values": [],
    }  # fmt: skip
    assert (found[4]["match"], found[4]["first"], found[4]["values"]) == ("rung", "white", [None, 0.25])


@pytest.mark.parametrize(
    ("flags", "suffix", "encoding"), [((), "kifu", "utf-8"), (("--format", "kif"), "kif", "cp932")]
)
def test_all_games_are_written_into_a_folder_under_their_numbers(games, matches, tmp_path, flags, suffix, encoding):
    code, out, _ = games(matches, "--output", tmp_path / "all", *flags)

    assert (code, out) == (0, f"{tmp_path / 'all'}: 5 games\n")
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert names == [f"game-{number:05d}.{suffix}" for number in range(5)]
    assert "棋戦：match, rung, update 4\n" in (tmp_path / "all" / f"game-00003.{suffix}").read_text(encoding)


def test_folder_that_has_one_of_the_games_is_left_as_it_is(games, matches, tmp_path):
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "game-00003.csa").write_text("mine")
    code, _, err = games(matches, "--output", tmp_path / "all", "--format", "csa")

    assert code == 2
    assert "game-00003.csa: exists already and is never written over" in err
    assert [path.read_text() for path in (tmp_path / "all").iterdir()] == ["mine"]


def test_what_other_programs_write_beside_a_game_is_left_out(games, tmp_path):
    odd = {"sfen": START, "moves": [], "ending": "", "winner": "", "first": 7, "update": "x", "values": ["a"]}
    (tmp_path / "g.jsonl").write_text(json.dumps(odd))

    (found,) = json.loads(games(tmp_path / "g.jsonl", "--json")[1])["games"]

    assert (found["first"], found["update"], found["values"]) == (None, None, [])
