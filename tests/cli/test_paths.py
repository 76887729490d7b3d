"""Paths on the command line and in a config: `~`, homes that there are not, names that no system takes."""

from pathlib import Path
from typing import Any

import pytest

from keisei_core.cli import main
from keisei_core.config import home_path
from keisei_core.errors import ConfigError

NOWHERE = "~nosuchuser/x"
LONG = "a" * 400
COMMANDS = [
    ["run", "PATH.toml"],
    ["run", "--run-dir", "PATH"],
    ["run", "--run-dir=PATH"],
    ["run", "--from", "PATH"],
    ["run", "--plugin", "PATH.py"],
    ["check", "--plugin=PATH.py"],
    ["resume", "PATH"],
    ["resume", "runs/x", "--migrate", "--run-dir", "PATH"],
    ["migrate", "PATH", "--to", "keisei.toml"],
    ["migrate", "x", "--to", "PATH"],
    ["match", "PATH", "random"],
    ["match", "random", "PATH"],
    ["match", "PATH:temperature=1", "random"],
    ["match", "random", "random", "--store", "PATH"],
    ["match", "random", "random", "--games-to", "PATH"],
    ["ladder", "PATH"],
    ["ladder", "--store", "PATH"],
    ["games", "PATH"],
    ["export", "PATH", "out"],
    ["benchmark", "PATH"],
    ["plugins", "list", "--plugin", "PATH.py"],
    ["plugins", "new", "foo", "--kind", "model", "--into", "PATH"],
]


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_path(command: list[str], path: str) -> list[str]:
    return [word.replace("PATH", path) for word in command]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_home_that_there_is_not_is_told_and_nothing_made(
    empty: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    assert main(with_path(command, NOWHERE)) == 2
    assert "got a home folder that there is not; write the path from / on" in capsys.readouterr().err
    assert not list(empty.iterdir())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_path_without_any_home_is_told(
    empty: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])

    assert main(with_path(command, "~/x")) == 2
    assert "got a home folder that there is not" in capsys.readouterr().err
    assert not list(empty.iterdir())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_path_that_is_too_long_is_told(empty: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    assert main(with_path(command, LONG)) in (2, 4)
    assert "keisei: error:" in capsys.readouterr().err
    assert not list(empty.iterdir())


@pytest.mark.parametrize(
    "key", ["evaluation.opponent=PATH", 'evaluation.rungs=["PATH"]', 'selfplay.starts=["book:path=PATH"]']
)
def test_home_that_there_is_not_is_told_of_a_config(empty: Path, capsys: pytest.CaptureFixture[str], key: str) -> None:
    (empty / "keisei.toml").write_text('[run]\ndevice = "cpu"\nthreads = 1\n')

    assert main(["run", "--set", key.replace("PATH", NOWHERE), "--run-dir", "r"]) == 2
    assert "got a home folder that there is not" in capsys.readouterr().err
    assert [path.name for path in empty.iterdir()] == ["keisei.toml"]


def test_home_of_a_flag_that_a_shell_leaves_alone_is_the_home(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(empty / "home"))

    assert main(["plugins", "new", "foo", "--kind", "model", "--into=~/mine"]) == 0
    assert (empty / "home" / "mine" / "keisei-plugins-foo" / "pyproject.toml").is_file()
    assert not (empty / "~").exists()


@pytest.mark.parametrize(("path", "read"), [("a/~/b", "a/~/b"), ("./~x", "~x"), ("/x", "/x"), ("~/x", "/home/x")])
def test_tilde_counts_at_the_beginning_alone(path: str, read: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home")

    assert home_path(path) == Path(read)


def test_long_value_of_a_flag_is_no_path(empty: Path, capsys: pytest.CaptureFixture[Any]) -> None:
    assert main(["run", "--set", f"model.name={LONG}"]) == 2
    assert "keisei.toml: no such file" in capsys.readouterr().err


def test_home_path_says_how_to_write_a_file_called_so() -> None:
    with pytest.raises(ConfigError, match=r"or \./~nosuchuser/x for what is called so"):
        home_path(NOWHERE)
