"""One run folder, one process."""

import fcntl

import pytest

from keisei_core.errors import ConfigError
from keisei_core.run.folder import RunFolder


def test_second_process_in_a_folder_is_refused_until_the_first_is_gone(place, monkeypatch, found):
    process = place.begin(after=1)

    code, said = place.call("resume", "r")

    assert code == 2
    told = f"r: another process is running in this folder (process {process.pid}); wait for it or stop it"
    assert said == f"keisei: error: {told}\n"
    with monkeypatch.context() as unlocked:
        unlocked.setattr(fcntl, "flock", lambda *_: None)
        RunFolder.existing(place.folder / "r").hold().close()
    found("`keisei resume` of a folder in which a run is running", "exit 2, names the process")
    found("control: the same without the lock", "taken")

    process.kill()
    process.wait(timeout=60)
    RunFolder.existing(place.folder / "r").hold().close()
    found("the same after SIGKILL of the first", "taken: the lock died with its process")


def test_new_run_in_a_used_folder_is_refused_and_touches_nothing(place):
    (place.folder / "r").mkdir()
    (place.folder / "r" / "precious").write_text("mine")

    code, said = place.call("run", place.config(), "--run-dir", "r")

    assert code == 2
    assert "exists already and is never written over" in said
    assert [path.name for path in (place.folder / "r").iterdir()] == ["precious"]


def test_folder_left_by_a_start_that_was_killed_is_taken(tmp_path):
    (tmp_path / "lock").touch()
    (tmp_path / "config.toml.tmp").touch()

    RunFolder.create(tmp_path).close()

    (tmp_path / "notes").touch()
    with pytest.raises(ConfigError, match="exists already"):
        RunFolder.create(tmp_path)
