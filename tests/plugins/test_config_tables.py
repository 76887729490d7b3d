"""Tables of a config that are a plugin's own, by those of the player `usi`."""

import pytest
import tomli
import tomli_w

from keisei_core.errors import ConfigError
from keisei_core.plugins import read_settings

ENGINES = """
[evaluation]
opponent = "usi:fairy"
rungs = ["random", "usi:other"]

[engines.fairy]
command = ["fairy-stockfish"]
options = { Threads = 1, "Skill Level" = -5, Book = false, File = "a b" }

[engines.other]
command = ["other", "--usi"]
go = "nodes 1000"
"""


def read(tmp_path, text):
    path = tmp_path / "keisei.toml"
    path.write_text(text)
    return read_settings(path)


def test_table_reaches_every_player_that_wants_it(tmp_path):
    settings = read(tmp_path, ENGINES)

    for choice in (settings.opponent, settings.rungs[1]):
        assert choice.options.engines["fairy"].command == ("fairy-stockfish",)
        assert choice.options.engines["other"].go == "nodes 1000"
    assert settings.opponent.options.engines["fairy"].options["Book"] is False


def test_settings_written_down_have_the_table_once_and_read_back(tmp_path):
    settings = read(tmp_path, ENGINES)
    document = settings.to_document()

    assert document["engines"]["other"]["go"] == "nodes 1000"
    assert document["evaluation"][settings.opponent.reference] == {"engine": "fairy", "file": ""}
    assert read(tmp_path, tomli_w.dumps(document)) == settings
    assert tomli.loads(tomli_w.dumps(document)) == read(tmp_path, tomli_w.dumps(document)).to_document()


def test_all_that_is_wrong_with_a_table_is_told_at_once(tmp_path):
    with pytest.raises(ConfigError) as raised:
        read(
            tmp_path,
            """
            engine = 3
            [evaluation]
            rungs = ["usi:a"]
            [engines]
            b = 3
            [engines.a]
            go = "infinite"
            procesess = 2
            drops = "x"
            [engines.c]
            command = ["x"]
            protocol = "gnushogi"
            go = "nodes 3"
            options = { A = 1 }
            """,
        )

    told = str(raised.value)
    for problem in (
        "keisei.toml: [engines.a] unknown key 'procesess'; did you mean 'processes'?",
        "keisei.toml: [engines.a] drops must be one of *, @, got",
        "[engines.a] go must be limits of a move that usi has (depth N, nodes N, movetime N, byoyomi N), got 'inf",
        "keisei.toml: [engines] must be a table [engines.b], got 3",
        "[engines.c] go must be limits of a move that gnushogi has (depth N), got 'nodes 3'",
        "[engines.c] options must be empty where the protocol is gnushogi, got A",
        "'engine' stands outside of any table",
    ):
        assert problem in told


@pytest.mark.parametrize("key", ["opponent = 'usi:fary'", "rungs = ['usi:fary']"])
def test_player_that_the_table_does_not_have_is_told_with_the_nearest(tmp_path, key):
    with pytest.raises(ConfigError, match=r"there is no \[engines\.fary\]; did you mean 'fairy'\?; there are fairy"):
        read(tmp_path, f"[evaluation]\n{key}\n[engines.fairy]\ncommand = ['x']")


def test_table_that_nobody_wants_is_unknown_and_its_key_is_no_option(tmp_path):
    with pytest.raises(ConfigError, match=r"unknown table \[engine\]; did you mean \[engines\]\?"):
        read(tmp_path, f"{ENGINES}\n[engine.x]")
    with pytest.raises(ConfigError, match="unknown key 'engines'"):
        read(tmp_path, "[evaluation]\nopponent = 'usi'\nusi = { engines = {} }")


def test_settings_without_the_table_have_none(tmp_path):
    assert "engines" not in read(tmp_path, "").to_document()
