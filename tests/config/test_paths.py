"""Paths where nothing stands: what was probably meant."""

from pathlib import Path

import pytest

from keisei_core.config import paths
from keisei_core.config.paths import near_path, no_run


@pytest.fixture(autouse=True)
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with a config and two runs."""
    for name in ("mine", "other"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "keisei.toml").touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "runs"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("runs/mnie", "; did you mean 'runs/mine'?"),
        ("keisei.tml", "; did you mean 'keisei.toml'?"),
        ("mine", "; did you mean 'runs/mine'?"),
        ("other", "; did you mean 'runs/other'?"),
        ("runs/xyz", ""),
        ("nowhere/mine", ""),
    ],
)
def test_path_where_nothing_stands_gets_its_neighbour(path: str, meant: str) -> None:
    assert near_path(Path(path)) == meant


def test_what_stands_here_goes_before_a_run_of_the_same_name(runs: Path) -> None:
    (runs.parent / "mine").touch()

    assert near_path(Path("mien")) == "; did you mean 'mine'?"


def test_huge_folder_is_not_read_to_its_end(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_LOOKED_AT", 1)

    assert sum(near_path(Path("runs", name)) != "" for name in ("mnie", "othr")) == 1


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("runs/mnie", "got nothing there; did you mean 'runs/mine'?"),
        ("runs/xyz", "got nothing there; name one that `keisei run` made"),
        ("runs/mine", "got another folder; "),
        ("keisei.toml", "got a file; "),
    ],
)
def test_what_is_no_run_is_told_with_what_was_found(path: str, told: str) -> None:
    assert told in str(no_run(Path(path)))
