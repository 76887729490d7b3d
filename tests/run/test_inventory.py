"""Files of a run that are taken away, cut or replaced are told of; those that grow are not."""

import os
from contextlib import closing
from pathlib import Path

import pytest

from keisei_core.run.inventory import Inventory


def remove(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    os.truncate(path, 1)


def write_anew(path: Path) -> None:
    """As a tracker does that appends after another has removed the file: the new one may get the old one's number."""
    path.unlink()
    path.write_text("another line\n")


@pytest.mark.parametrize("harm", [remove, cut, write_anew])
def test_file_that_is_not_what_it_was_is_told_of_once(tmp_path, harm):
    path, said = tmp_path / "metrics.jsonl", []
    path.write_text("a line\n")
    with closing(Inventory(said.append)) as inventory:
        assert inventory.look({"metrics.jsonl": path}) == []

        harm(path)

        assert inventory.look({"metrics.jsonl": path}) == ["metrics.jsonl"]
        assert said == [f"warning: {path} was removed, cut or replaced, and not by this run; look for who does that"]
        path.write_text("")
        inventory.look({"metrics.jsonl": path})
        path.unlink()
        inventory.look({"metrics.jsonl": path})
        assert len(said) == 1


def test_file_that_comes_grows_or_is_written_to_is_nothing_to_tell(tmp_path):
    path = tmp_path / "games.jsonl"
    with closing(Inventory(pytest.fail)) as inventory:
        for text in ("", "a line\n", "another\n"):
            inventory.look({"games.jsonl": path, "folder": tmp_path})
            with path.open("a") as file:
                file.write(text)


def test_other_path_under_the_same_name_is_not_compared(tmp_path):
    first, second = tmp_path / "update-1", tmp_path / "update-2"
    first.mkdir()
    with closing(Inventory(pytest.fail)) as inventory:
        inventory.look({"checkpoint": first})
        first.rmdir()
        second.mkdir()
        inventory.look({"checkpoint": second})


def test_nothing_is_held_open_afterwards(tmp_path):
    path = tmp_path / "config.toml"
    path.touch()
    before = len(os.listdir("/dev/fd"))
    inventory = Inventory(pytest.fail)

    for _ in range(20):
        inventory.look({"config.toml": path})
    inventory.close()

    assert len(os.listdir("/dev/fd")) == before


def test_file_that_is_due_and_was_never_seen_is_told_of(tmp_path):
    path, said = tmp_path / "metrics.jsonl", []
    with closing(Inventory(said.append)) as inventory:
        assert inventory.look({"metrics.jsonl": path}) == []
        assert inventory.look({"metrics.jsonl": path}, ["metrics.jsonl"]) == ["metrics.jsonl"]
        inventory.look({"metrics.jsonl": path}, ["metrics.jsonl"])

    assert len(said) == 1
