"""`keisei run CONFIG --run-dir DIR --or-resume`: what it finds in a folder, and that rank 0 alone looks there."""

import json
import shutil
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.errors import ConfigError, KeiseiError, MigrationError
from keisei_core.plugins import Settings
from keisei_core.run import commands, train_or_resume
from keisei_core.run.folder import RunFolder
from keisei_core.run.standing import ask_rank_0
from keisei_core.run.telling import Telling
from tests.ranks import Thread, on_every_rank

TYPED = "keisei run other.toml"


@pytest.fixture(scope="module")
def settings(tiny: Callable[..., Settings]) -> Settings:
    return tiny(run__plies=256, evaluation__every_updates=0, evaluation__final_games=2, evaluation__max_plies=20)


@pytest.fixture(scope="module")
def ended(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that is complete after four updates, begun by the line that goes on with it."""
    run = tmp_path_factory.mktemp("runs") / "r"
    assert train_or_resume(settings, run, TYPED) == 0
    return run


@pytest.fixture
def run(ended: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(ended, tmp_path / "r"))


def updates_in(run: Path) -> list[int]:
    return [json.loads(line)["update"] for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_run_that_is_not_there_is_begun(ended: Path) -> None:
    assert updates_in(ended) == [1, 2, 3, 4]
    assert (ended / "result.json").is_file()


def test_run_goes_on_from_where_it_stands(settings: Settings, run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "result.json").unlink()
    shutil.rmtree(run / "checkpoints" / "update-000004")

    assert train_or_resume(settings, run, TYPED) == 0

    assert "from update-000002" in capsys.readouterr().err
    assert updates_in(run) == [1, 2, 3, 4]
    assert (run / "result.json").is_file()


def test_run_from_before_a_weight_could_move_is_told_that_it_does(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run / "result.json").unlink()
    shutil.rmtree(run / "checkpoints" / "update-000004")
    newest, config = run / "checkpoints" / "update-000002", run / "config.toml"
    checkpoint = read_checkpoint(newest)
    checkpoint.state["config"]["algorithm"]["value_coefficient"] = 1.0
    del checkpoint.state["config"]["algorithm"]["final_value_coefficient"]
    shutil.rmtree(newest)
    write_checkpoint(newest, checkpoint)
    both = "\nvalue_coefficient = 0.5\nfinal_value_coefficient = 0.5\n"
    config.write_text(config.read_text().replace(both, "\nvalue_coefficient = 1.0\n"))

    assert commands.resume(run) == 0

    assert "note: update-000002: made where [algorithm] value_coefficient stayed at 1.0" in capsys.readouterr().err


def test_run_that_was_killed_before_its_first_checkpoint_begins_again(settings: Settings, run: Path) -> None:
    for left in (path for path in run.iterdir() if path.name != "config.toml"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()

    assert train_or_resume(settings, run, TYPED) == 0

    assert updates_in(run) == [1, 2, 3, 4]


def test_complete_run_is_left_as_it_is(
    settings: Settings, run: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(commands, "build")  # nothing is built any more
    before = {path: path.stat().st_mtime_ns for path in run.rglob("*")}

    assert train_or_resume(settings, run, TYPED, is_json=True) == 0

    assert {path: path.stat().st_mtime_ns for path in run.rglob("*")} == before
    said = capsys.readouterr()
    assert "r is complete; how it went is in result.json there" in said.err
    told = json.loads(said.out)
    assert (told["state"], told["update"], told["resume"]) == ("complete", 4, None)
    assert told["result"] == json.loads((run / "result.json").read_text())


def test_run_of_another_config_is_refused_as_resume_does(tiny: Any, settings: Settings, run: Path) -> None:
    other = tiny(
        run__plies=512, evaluation__every_updates=0, evaluation__final_games=2, evaluation__max_plies=20,
    )  # fmt: skip
    wanted = r"r: a run keeps its config, this would be another one \(run.plies 256 -> 512\); type: keisei run other"
    with pytest.raises(MigrationError, match=wanted):
        train_or_resume(other, run, TYPED)


def test_folder_of_something_else_is_not_written_to(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()

    with pytest.raises(ConfigError, match="exists already and is never written over"):
        train_or_resume(settings, tmp_path, TYPED)


@pytest.mark.parametrize("found", [True, False])
def test_what_rank_0_found_is_known_on_all_and_no_other_looks(found: bool) -> None:
    looked = []

    def look(rank: int) -> bool:
        looked.append(rank)
        return found

    assert on_every_rank(lambda backend: ask_rank_0(partial(look, backend.rank), backend), 3) == [found] * 3
    assert looked == [0]


def test_what_rank_0_refuses_ends_all_with_the_same_message_and_exit_code() -> None:
    def look() -> bool:
        raise MigrationError(["another one"])

    def work(backend: Thread) -> bool:
        return ask_rank_0(look, backend)

    found: list[KeiseiError] = on_every_rank(work, 3)

    assert [(str(error), error.exit_code) for error in found] == [("another one", 4)] * 3
    assert isinstance(found[0], MigrationError)


@pytest.fixture
def on_ranks(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Does a command's work on two ranks; returns message and exit code of what each raised."""
    own = threading.local()
    monkeypatch.setattr(commands, "build_backend", lambda settings: own.backend)

    def do(work: Callable[..., int], *arguments: object) -> list[Any]:
        def take_part(backend: Thread) -> int:
            own.backend = backend
            return work(*arguments, Telling())

        return [(str(error), getattr(error, "exit_code", None)) for error in on_every_rank(take_part)]

    return do


def test_run_whose_checkpoints_are_all_damaged_ends_all_ranks_alike(
    settings: Settings, run: Path, on_ranks: Callable[..., list[Any]]
) -> None:
    (run / "result.json").unlink()
    for weights in run.glob("checkpoints/*/weights.safetensors"):
        weights.write_bytes(b"torn")

    told = on_ranks(commands.begin_or_go_on, settings, run, TYPED)

    assert told[0] == told[1]
    assert told[0][1] == 4
    assert "none is left to go on from" in told[0][0]


def test_folder_that_another_run_holds_ends_all_ranks_alike(
    settings: Settings, run: Path, on_ranks: Callable[..., list[Any]]
) -> None:
    other = RunFolder(run).hold()
    try:
        told = on_ranks(commands.go_on, settings, run)
    finally:
        other.close()

    assert told[0] == told[1]
    assert told[0][1] == 2
    assert "another process is running in this folder" in told[0][0]


def test_folder_that_is_taken_ends_all_ranks_alike(
    settings: Settings, run: Path, on_ranks: Callable[..., list[Any]]
) -> None:
    told = on_ranks(commands.begin, settings, run)

    assert told[0] == told[1]
    assert told[0][1] == 2
    assert "exists already and is never written over" in told[0][0]
