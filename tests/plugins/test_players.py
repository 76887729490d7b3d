"""Players written as text."""

from pathlib import Path

import pytest

from keisei_core.errors import ConfigError
from keisei_core.plugins import Kind, load_registry
from keisei_core.plugins.players import full_player, parse_player, player_choice, player_names, player_text
from keisei_core.plugins.reading import read_settings

NAMES = {"random", "alphabeta", "checkpoint"}


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("random", "random", {}),
        ("alphabeta:depth=2", "alphabeta", {"depth": 2}),
        (" alphabeta:depth=2,random_moves=0.25 ", "alphabeta", {"depth": 2, "random_moves": 0.25}),
        ("keisei-plugins-players:alphabeta:depth=3", "keisei-plugins-players:alphabeta", {"depth": 3}),
        ("runs/mine", "checkpoint", {"path": "runs/mine"}),
        ("./random", "checkpoint", {"path": "./random"}),
        ("~/mine", "checkpoint", {"path": "~/mine"}),
        ("runs/a,b:c:temperature=0.5", "checkpoint", {"path": "runs/a,b:c", "temperature": 0.5}),
        ("checkpoint:path=runs/1,mates_in_one=true", "checkpoint", {"path": "runs/1", "mates_in_one": True}),
        ("checkpoint:path=2026", "checkpoint", {"path": "2026"}),
        ("runs/mine:best", "checkpoint", {"path": "runs/mine:best"}),
        ("runs/mine:best,temperature=0.5", "checkpoint", {"path": "runs/mine:best", "temperature": 0.5}),
        ("runs/mine:best:temperature=0.5", "checkpoint", {"path": "runs/mine:best", "temperature": 0.5}),
        ("checkpoint:path=./p:a=1/r", "checkpoint", {"path": "./p:a=1/r"}),
        ("usi:fairy-d1,file=a,b.toml", "usi:fairy-d1", {"file": "a,b.toml"}),
    ],
)
def test_text_of_a_player_is_taken_apart(text, name, options):
    assert parse_player(text, NAMES) == (name, options)


@pytest.mark.parametrize(
    ("text", "engine", "file"),
    [
        ("usi:fairy-d1", "fairy-d1", ""),
        ("usi:fairy-d1,file=x.toml", "fairy-d1", "x.toml"),
        ("keisei-plugins-usi:usi:fairy.1,file=x.toml", "fairy.1", "x.toml"),
        ("usi:engine=fairy_1,file=x.toml", "fairy_1", "x.toml"),
        ("usi:random", "random", ""),
        ("usi", "", ""),
    ],
)
def test_word_behind_a_name_is_the_key_that_stands_there(text, engine, file):
    registry = load_registry()
    choice = player_choice(text, registry)

    assert (choice.name, choice.options.engine) == ("usi", engine)
    assert choice.options.file == (str(Path(file).absolute()) if file else "")
    for written in (player_text(choice), full_player(text, choice, registry)):
        assert player_choice(written, registry) == choice


def test_word_behind_a_name_is_how_the_player_is_written():
    choice = player_choice("usi:file=x.toml,engine=fairy-d1", load_registry())
    assert player_text(choice) == f"usi:fairy-d1,file={Path('x.toml').absolute()}"


def test_bare_word_is_a_path_only_where_nobody_is_called_so(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("random", "mine"):
        (tmp_path / folder).mkdir()

    assert parse_player("random", NAMES) == ("random", {})
    assert parse_player("mine", NAMES) == ("checkpoint", {"path": "mine"})
    assert parse_player("mine:best", NAMES) == ("checkpoint", {"path": "mine:best"})
    assert parse_player("yours:best", NAMES) == ("yours:best", {})
    assert parse_player("yours", NAMES) == ("yours", {})


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "expected a player, got an empty text"),
        ("alphabeta:depth=1,depth=2", "an option stands twice"),
        ("runs/x:path=runs/y", "an option stands twice"),
        ("alphabet", "did you mean 'alphabeta'"),
        ("alphabeta:dept=2", "unknown key 'dept'; did you mean 'depth'?"),
        ("alphabeta:depth=0", "depth must be at least 1, got 0"),
        ("alphabeta:depth=two", "depth must be an integer, got 'two'"),
        ("random:depth=2", "'random' has no options, got depth"),
        ("checkpoint:path=x,temperature=-1", "temperature must be at least 0"),
        ("usi:fairy,engine=fairy", "an option stands twice"),
        ("alphabeta:fairy", "unknown player 'alphabeta:fairy'"),
        ("./p:a=1/r", r"'\./p' was taken for the path; .* is written checkpoint:path=\./p:a=1/r"),
    ],
)
def test_wrong_player_is_refused(text, complaint):
    with pytest.raises(ConfigError, match=complaint):
        player_choice(text, load_registry())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("random", "random"),
        ("alphabeta:depth=1", "alphabeta"),
        ("alphabeta:random_moves=0.4,depth=2", "alphabeta:depth=2,random_moves=0.4"),
        ("checkpoint:path=runs/x,avoid_repetition=false", "runs/x:avoid_repetition=false"),
        ("runs/x:best,mates_in_one=true", "runs/x:best:mates_in_one=true"),
        ("runs/x", "runs/x"),
        ("checkpoint:path=x", "checkpoint:path=x"),
    ],
)
def test_player_is_written_as_it_is_read(text, expected):
    registry = load_registry()
    choice = player_choice(text, registry)

    assert player_text(choice) == expected
    assert player_choice(expected, registry) == choice or choice.options == player_choice(expected, registry).options


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("runs/x", "checkpoint", {"path": "runs/x"}),
        ("runs/x:temperature=1", "checkpoint", {"path": "runs/x", "temperature": 1.0}),
        ("runs/x:simulations=8,leaves=2", "search", {"network": "runs/x", "simulations": 8, "leaves": 2}),
    ],
)
def test_path_means_the_player_whose_options_follow_it(text, name, options):
    choice = player_choice(text, load_registry())

    assert choice.name == name
    assert {key: getattr(choice.options, key) for key in options} == options


def test_path_with_options_that_no_player_has_together_is_refused():
    with pytest.raises(ConfigError, match="unknown key 'simulations'"):
        player_choice("runs/x:simulations=8,temperature=1", load_registry())


def test_what_is_no_player_is_told_to_be_no_path_with_the_run_that_was_meant(tmp_path, monkeypatch):
    (tmp_path / "runs" / "mine").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)

    for text in ("mnie", "mnie:best", "mnie:temperature=0"):
        with pytest.raises(ConfigError, match=r"is no path that exists; did you mean 'runs/mine'\?; unknown player"):
            player_choice(text, load_registry())
    with pytest.raises(ConfigError, match=r"^'nosuch' is no path that exists; unknown player 'nosuch'; available"):
        player_choice("nosuch", load_registry())
    with pytest.raises(ConfigError, match=r"^unknown player 'randm'; did you mean 'random'"):
        player_choice("randm", load_registry())


def test_names_of_players_are_those_installed():
    assert player_names(load_registry()) >= NAMES


def test_folder_whose_name_looks_like_options_is_told_how_to_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p:temperature=0.5").mkdir()

    with pytest.raises(ConfigError, match=r"nothing stands at '\./p'; .* checkpoint:path=\./p:temperature=0\.5"):
        player_choice("./p:temperature=0.5", load_registry())
    (tmp_path / "p").mkdir()
    assert player_choice("./p:temperature=0.5", load_registry()).options.temperature == 0.5


def config(tmp_path, text):
    path = tmp_path / "keisei.toml"
    path.write_text(text)
    return read_settings(path)


@pytest.mark.parametrize(
    "text",
    [
        '[evaluation]\nopponent = "alphabeta:depth=2,random_moves=0.5"\n',
        '[evaluation]\nopponent = "alphabeta"\n[evaluation.alphabeta]\ndepth = 2\nrandom_moves = 0.5\n',
        '[evaluation]\nopponent = "alphabeta:depth=2"\n[evaluation.alphabeta]\nrandom_moves = 0.5\n',
    ],
)
def test_opponent_has_its_options_behind_its_name_or_in_its_table(tmp_path, text):
    settings = config(tmp_path, text)

    assert settings.opponent.kind is Kind.PLAYER
    assert (settings.opponent.options.depth, settings.opponent.options.random_moves) == (2, 0.5)
    document = settings.to_document()
    assert document["evaluation"]["opponent"] == "keisei-plugins-players:alphabeta"
    assert document["evaluation"]["keisei-plugins-players:alphabeta"] == {"depth": 2, "random_moves": 0.5}


def test_opponent_on_the_command_line_wins_over_the_file(tmp_path):
    path = tmp_path / "keisei.toml"
    path.write_text('[evaluation]\nopponent = "random"\n')

    settings = read_settings(path, [("evaluation.opponent", "alphabeta:depth=3")])

    assert settings.opponent.options.depth == 3


def test_opponent_may_be_a_path(tmp_path):
    settings = config(tmp_path, '[evaluation]\nopponent = "runs/old:temperature=1"\n')

    assert (settings.opponent.name, settings.opponent.options.path) == ("checkpoint", "runs/old")
    assert settings.opponent.options.temperature == 1.0


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (
            '[evaluation]\nopponent = "alphabeta:depth=2"\n[evaluation.alphabeta]\ndepth = 3\n',
            r"depth of 'alphabeta:depth=2' also stand in \[evaluation.alphabeta\]",
        ),
        ('[evaluation]\nopponent = "alphabeta:dept=2"\n', "unknown key 'dept'"),
        ('[evaluation]\nopponent = "alphabeta:depth=20"\n', "depth must be at most 8, got 20"),
        ('[evaluation]\nopponent = ""\n', "got an empty text"),
        ("[evaluation]\nopponent = 3\n", "opponent must be a string, got 3"),
    ],
)
def test_wrong_opponent_is_refused(tmp_path, text, complaint):
    with pytest.raises(ConfigError, match=complaint):
        config(tmp_path, text)
