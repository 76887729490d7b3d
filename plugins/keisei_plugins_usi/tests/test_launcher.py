"""Files that user interfaces register; rows are those of `keisei usi-check`."""

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from keisei_core.errors import ConfigError
from keisei_core.testing import CommandContract
from keisei_plugins_usi.engine.command import usi
from keisei_plugins_usi.engine.launcher import batch_file, place_launcher, shell_script, write_launcher
from keisei_plugins_usi.engine.trial import TrialError, try_launcher

WORDS = ["/opt/My Python/python", "-m", "keisei_core", "usi", "/home/将棋/it's $HOME/50%"]
PLAYS = """#!/bin/sh

while read -r line; do case "$line" in
usi) echo "id name x"; echo usiok;;
isready) echo; echo readyok;;
go*) echo "info string $PWD"; echo "bestmove 7g7f ponder 3c3d";;
quit) exit 0;;
esac; done
"""


class TestUsi(CommandContract):
    name = "usi"
    refuses = ("no/such/run",)


def test_shell_reads_every_word_as_it_is() -> None:
    """Row 4."""
    last = shell_script(WORDS, {"A": "b c"}).splitlines()[-1]
    said = subprocess.run(["sh", "-c", f"printf '%s\\n' {last.removeprefix('exec ')}"], capture_output=True, check=True)
    assert said.stdout.decode().splitlines() == WORDS
    assert "export A='b c'" in shell_script(WORDS, {"A": "b c"})


def test_batch_file_is_quoted_utf_8_that_cmd_is_told_of() -> None:
    """Row 4."""
    lines = batch_file(WORDS, {"A": "100%"}).split("\r\n")
    assert lines[0] == "@echo off"
    assert "chcp 65001 >nul" in lines
    assert 'set "A=100%%"' in lines
    assert lines[-2] == '"/opt/My Python/python" "-m" "keisei_core" "usi" "/home/将棋/it\'s $HOME/50%%"'
    with pytest.raises(ConfigError, match="quotation marks"):
        batch_file(['say "x"'], {})


@pytest.mark.parametrize(
    ("name", "is_windows", "file"),
    [
        ("new", False, "keisei-new.sh"),
        ("a update-000046", True, "keisei-a-update-000046.bat"),
        ("将棋", False, "keisei-engine-a8fc67.sh"),
        ("search:network=x,simulations=4", False, "keisei-search-network-x-simulations-4.sh"),
    ],
)
def test_name_of_the_file_is_plain(tmp_path, name, is_windows, file) -> None:
    """Rows 3 and 4."""
    path = place_launcher(write_launcher(tmp_path / "My エンジン", name, ["x"], is_windows=is_windows))
    assert path == tmp_path / "My エンジン" / file
    assert path.stat().st_mode & 0o111
    assert place_launcher(write_launcher(tmp_path / "My エンジン", name, ["y"], is_windows=is_windows)) == path


def test_launcher_starts_this_python_and_finds_its_kernels(tmp_path, monkeypatch) -> None:
    """Row 3."""
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/some where")
    text = write_launcher(tmp_path, "new", ["/a b"], is_windows=False).read_text()
    assert "export NUMBA_CACHE_DIR='/some where'" in text
    assert shlex.split(text.splitlines()[-1])[:2] == ["exec", sys.executable]
    assert shlex.split(text.splitlines()[-1])[-1] == "/a b"


def test_file_of_somebody_else_is_not_written_over(tmp_path) -> None:
    (tmp_path / "keisei-new.sh").write_text("mine")
    with pytest.raises(ConfigError, match="expected a launcher or nothing, got another file"):
        write_launcher(tmp_path, "new", [], is_windows=False)
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="can't be written"):
        write_launcher(tmp_path / "file", "new", [], is_windows=False)


def engine_file(folder: Path, text: str) -> Path:
    """Writes an engine; another folder for each, since one that runs can't be written."""
    folder.mkdir()
    path = folder / "engine.sh"
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_launcher_is_tried_as_user_interfaces_use_it(tmp_path) -> None:
    """Row 3."""
    trial = try_launcher(engine_file(tmp_path / "将棋 1", PLAYS))
    assert trial.move == "7g7f"
    assert min(trial.hello_s, trial.ready_s, trial.move_s) >= 0


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("#!/bin/sh\necho no luck\n", "expected usiok, got an end; its last words: no luck"),
        (PLAYS.replace("echo readyok", "exit 1"), "expected readyok, got an end; its last words: usiok"),
        (PLAYS.replace(" 7g7f ponder 3c3d", ""), "expected a move from the start position, got bestmove"),
        (PLAYS.replace("7g7f ponder 3c3d", "resign"), "expected a move from the start position, got bestmove resign"),
        ("#!/bin/sh\nexec sleep 60\n", "expected usiok, got an end; its last words: none"),
    ],
)
def test_engine_that_does_not_play_is_told(tmp_path, text, match) -> None:
    with pytest.raises(TrialError, match=match):
        try_launcher(engine_file(tmp_path / "bad", text), limit_s=0.5 if "sleep" in text else 60.0)


def test_command_writes_a_launcher_that_plays_and_says_where_to_register_it(network, tmp_path, monkeypatch) -> None:
    """Rows 3 and 4."""
    monkeypatch.setattr("keisei_core.warm.compile_all", lambda: None)
    folder = tmp_path / "My エンジン"
    done = CliRunner().invoke(usi, [str(network), "--launcher", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0
    file = folder / "keisei-update-000000.sh"
    assert done.output.startswith(str(file)) or f"\n{file}\n" in done.output
    assert "Manage Engines" in done.output
    assert str(network) in file.read_text()


def test_launcher_of_an_engine_that_the_working_folder_names_is_refused(tmp_path) -> None:
    done = CliRunner().invoke(usi, ["--player", "usi:x", "--launcher", str(tmp_path)])
    assert isinstance(done.exception, ConfigError)
    assert "name file=FILE" in str(done.exception)


def test_launcher_of_a_player_that_does_not_play_is_taken_away_and_an_older_one_stays(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("keisei_core.warm.compile_all", lambda: None)
    monkeypatch.setattr("keisei_plugins_usi.engine.trial.try_launcher", lambda file: 1 / 0)
    older = place_launcher(write_launcher(tmp_path, "random", []))
    done = CliRunner().invoke(usi, ["--player", "random", "--launcher", str(tmp_path)])
    assert isinstance(done.exception, ZeroDivisionError)
    assert list(tmp_path.iterdir()) == [older]
