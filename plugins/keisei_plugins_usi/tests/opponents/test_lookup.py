"""Where engines are found, and by what their results are kept."""

import shutil
import sys

import attrs
import pytest

from keisei_core.arena.participant import Participant
from keisei_core.errors import ConfigError
from keisei_core.plugins import load_registry
from keisei_plugins_usi.opponents.identity import digest, identity
from keisei_plugins_usi.opponents.lookup import engine_of
from keisei_plugins_usi.opponents.options import UsiOptions

TABLE = "[engines.{name}]\ncommand = ['{name}']\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_engine_is_looked_for_in_the_file_that_is_named_or_in_those_of_the_folder(folder):
    (folder / "keisei.toml").write_text(TABLE.format(name="a"))
    (folder / "engines.toml").write_text(TABLE.format(name="b"))
    (folder / "mine.toml").write_text(TABLE.format(name="c"))

    for name, file in (("a", ""), ("b", ""), ("c", "mine.toml")):
        assert engine_of(UsiOptions(engine=name, file=file)).command == (name,)
    with pytest.raises(ConfigError, match=r"no table \[engines\.d\] \(engines\.toml, keisei\.toml\); there are b, a"):
        engine_of(UsiOptions(engine="d"))
    with pytest.raises(ConfigError, match=r"no table \[engines\.b\] \(.*/mine\.toml\)"):
        engine_of(UsiOptions(engine="b", file="mine.toml"))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("engines = 3", r"engines\.toml: \[engines\] must be a table of engines"),
        ("[engines]\nx = 3", r"engines\.toml: \[engines\.x\] must be a table, got 3"),
        (
            "[engines.x]\ngo = 'mate'\nmove_timeout = 0",
            r"go must be .*\n.*move_timeout must be greater",
        ),
        ("[engines.x", r"engines\.toml: not valid TOML"),
        ("[engines.x]", r"\[engines\.x\] .*must begin with a program, got \[\]"),
        ("", r"no table \[engines\.x\]"),
    ],
)
def test_file_that_is_wrong_is_told_with_all_its_problems(folder, text, complaint):
    (folder / "engines.toml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        engine_of(UsiOptions(engine="x"))


def test_player_without_a_name_or_a_file_is_told_what_to_write():
    with pytest.raises(ConfigError, match=r"write usi:NAME, and a table \[engines\.NAME\]"):
        engine_of(UsiOptions())
    with pytest.raises(ConfigError, match=r"no engines\.toml and no keisei\.toml here"):
        engine_of(UsiOptions(engine="x"))
    with pytest.raises(ConfigError, match=r"gone\.toml: no such file"):
        engine_of(UsiOptions(engine="x", file="gone.toml"))


def test_equal_engines_have_one_identity_whatever_they_are_called_and_wherever_they_lie(bad_table, folder):
    here = bad_table()
    elsewhere = shutil.copy(here.command[3], folder / "engine.py")
    command = (*here.command[:3], str(elsewhere), *here.command[4:])
    moved = attrs.evolve(here, command=command, processes=3, move_timeout=5.0)

    one, other = (
        identity(UsiOptions(engine=name, engines={name: table})) for name, table in (("a", here), ("b", moved))
    )
    assert one == other
    assert one.about == f"Bad Engine 1.0 ({sys.executable}), go depth 1"


def test_whatever_decides_how_an_engine_plays_is_in_its_identity(bad_table, folder):
    table = bad_table()
    script = folder / "engine.py"
    script.write_text("# another")
    others = [
        attrs.evolve(table, go="depth 2"),
        attrs.evolve(table, options={"Skill Level": 3}),
        attrs.evolve(table, drops="@"),
        attrs.evolve(table, command=(*table.command[:4], "illegal", "0", "")),
        attrs.evolve(table, command=(*table.command[:3], str(script), *table.command[4:])),
        attrs.evolve(table, command=("false", *table.command[1:])),
    ]

    found = [digest(table, "A"), digest(table, "B"), *(digest(other, "A") for other in others)]
    assert len(set(found)) == len(found)
    assert digest(table, "A") == digest(bad_table(), "A")


def test_results_are_kept_under_the_digest_and_shown_with_the_name(folder, bad_table):
    command = ", ".join(f"'{part}'" for part in bad_table().command)
    (folder / "engines.toml").write_text("".join(f"[engines.{name}]\ncommand = [{command}]\n" for name in "ab"))

    one, other = (Participant.find(f"usi:{name}", load_registry()) for name in "ab")
    assert one.identity == other.identity
    digest_of = one.identity.removeprefix("keisei-plugins-usi:usi @")
    assert len(digest_of) == 12
    assert (one.name, other.name) == (f"usi:a @{digest_of}", f"usi:b @{digest_of}")
