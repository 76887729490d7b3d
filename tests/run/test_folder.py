"""The run folder: absolute, and one run's alone from the instant it has a name."""

import re
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from keisei_core.errors import ConfigError, RunFolderError
from keisei_core.plugins import Settings
from keisei_core.run import commands
from keisei_core.run.folder import RunFolder, disk_errors, from_here, make_dated, refuse_taken


@pytest.fixture
def one_second(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Stops the clock that names folders, in a working folder of its own."""

    class Stopped:
        @staticmethod
        def now() -> Any:
            return Stopped()

        def strftime(self, _: str) -> str:
            return "2026-01-02_03-04-05"

    monkeypatch.setattr("keisei_core.run.folder.datetime", Stopped)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_runs_of_one_second_get_folders_of_their_own(one_second: Path) -> None:
    made: list[Path] = []
    barrier = threading.Barrier(8)

    def begin() -> None:
        barrier.wait()
        made.append(make_dated())

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == 8
    assert all(path.is_absolute() for path in made)
    assert sorted(path.name for path in made)[:2] == ["2026-01-02_03-04-05", "2026-01-02_03-04-05-2"]


def test_folder_of_a_run_of_many_processes_is_made_with_its_name(
    one_second: Path, monkeypatch: pytest.MonkeyPatch, tiny: Any
) -> None:
    """Before its processes start, which takes seconds in which another run may begin."""
    begun: list[Path] = []

    def launch(settings: Settings, work: Any, *arguments: Any, run_dir: Path) -> int:
        begun.append(arguments[1])
        if len(begun) == 1:
            commands.train(settings, None)
        return 0

    monkeypatch.setattr(commands, "has_launcher", lambda _: True)
    monkeypatch.setattr(commands, "in_every_process", launch)

    commands.train(tiny(), None)

    assert [path.name for path in begun] == ["2026-01-02_03-04-05", "2026-01-02_03-04-05-2"]
    assert list((one_second / "runs").iterdir()) == []  # nothing was written: nothing is left


def test_process_beside_others_leaves_the_folder_to_the_first(
    one_second: Path, monkeypatch: pytest.MonkeyPatch, tiny: Any
) -> None:
    given: list[Any] = []
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setattr(commands, "has_launcher", lambda _: True)
    monkeypatch.setattr(
        commands, "in_every_process", lambda settings, work, *arguments, **_: given.append(arguments[1])
    )

    commands.train(tiny(), None)

    assert given == [None]
    assert not (one_second / "runs").exists()


def test_folder_that_another_run_used_up_meanwhile_is_not_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r"
    hold = RunFolder.hold

    def late(folder: RunFolder) -> RunFolder:
        with suppress(FileExistsError):
            (path / "config.toml").touch(exist_ok=False)  # the other began and ended here
        return hold(folder)

    monkeypatch.setattr(RunFolder, "hold", late)

    with pytest.raises(ConfigError, match="exists already and is never written over"):
        RunFolder.create(path)
    with closing(RunFolder(path)) as again:
        hold(again)  # nobody holds it


def test_folder_stays_where_it_is_when_the_working_folder_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = RunFolder.create(Path("r"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    with closing(folder):
        folder.write_config({"run": {"plies": 1}})

    assert (tmp_path / "r" / "config.toml").read_text() == "[run]\nplies = 1\n"


def test_path_is_told_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert from_here(tmp_path / "runs" / "r") == Path("runs/r")
    assert from_here(Path("/elsewhere/r")) == Path("/elsewhere/r")
    told = re.escape("r: the run folder can't be written (No such file or directory: r/x)")
    with pytest.raises(RunFolderError, match=f"^{told}"), disk_errors(tmp_path / "r"):
        (tmp_path / "r" / "x").touch()


def test_command_that_goes_on_with_a_folder_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    place = tmp_path / "my run; touch OWNED"
    place.mkdir()
    (place / "mine").touch()

    with pytest.raises(ConfigError, match="or `keisei resume 'my run; touch OWNED'`"):
        refuse_taken(place)
