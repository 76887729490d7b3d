"""Checkpoint folders: whole or not at all, verified, never trusted to run code."""

import hashlib
import json
import os
import pickle

import numpy as np
import pytest
import torch

from keisei_core.checkpoint import Checkpoint, CheckpointStore, RankState, read_checkpoint, write_checkpoint
from keisei_core.errors import CheckpointError

FILES = ("weights.safetensors", "optimizer.safetensors", "state.json", "rank-0.safetensors", "rank-0.json")


def rank_state(rank: int) -> RankState:
    games = {"board": np.arange(6, dtype=np.uint8).reshape(2, 3), "keys": np.array([2**63 + rank], np.uint64)}
    return RankState(games=games, state={"random": {"order": 2**100 + rank}})


def checkpoint(number: int = 0) -> Checkpoint:
    return Checkpoint(
        weights={"layer": torch.full((3, 2), float(number))},
        optimizer={"layer:exp_avg": torch.ones(3, 2)},
        ranks=(rank_state(0), rank_state(1)),
        state={"update": number},
    )


def test_checkpoint_reads_back_as_written(tmp_path):
    write_checkpoint(tmp_path / "one", checkpoint(7))

    back = read_checkpoint(tmp_path / "one")

    assert torch.equal(back.weights["layer"], torch.full((3, 2), 7.0))
    assert [rank.games["keys"][0] for rank in back.ranks] == [np.uint64(2**63), np.uint64(2**63 + 1)]
    assert back.ranks[0].games["board"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert [rank.state for rank in back.ranks] == [{"random": {"order": 2**100}}, {"random": {"order": 2**100 + 1}}]
    assert back.state == {"update": 7}


def test_checkpoint_is_written_beside_and_renamed(tmp_path, monkeypatch):
    write_checkpoint(tmp_path / "one", checkpoint(1))
    monkeypatch.setattr("pathlib.Path.rename", lambda *_: (_ for _ in ()).throw(OSError("power cut")))

    with pytest.raises(OSError, match="power cut"):
        write_checkpoint(tmp_path / "two", checkpoint(2))

    assert not (tmp_path / "two").exists()
    assert read_checkpoint(tmp_path / "one").state["update"] == 1


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("damage", ["flip", "cut", "gone"])
def test_damaged_file_is_refused_by_name(tmp_path, name, damage):
    folder = tmp_path / "one"
    write_checkpoint(folder, checkpoint())
    blob = bytearray((folder / name).read_bytes())
    if damage == "flip":
        blob[len(blob) // 2] ^= 1
    (folder / name).write_bytes(blob[:-1] if damage == "cut" else blob)
    if damage == "gone":
        (folder / name).unlink()

    with pytest.raises(
        CheckpointError, match=rf"{name}: (is damaged|is cut off|can't be read).*; take another checkpoint"
    ):
        read_checkpoint(folder)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": 99, "files": {}}', "\x00"])
def test_damaged_manifest_is_refused(tmp_path, text):
    write_checkpoint(tmp_path / "one", checkpoint())
    (tmp_path / "one" / "manifest.json").write_text(text)

    with pytest.raises(CheckpointError):
        read_checkpoint(tmp_path / "one")


def test_newer_format_is_refused_with_both_numbers(tmp_path):
    write_checkpoint(tmp_path / "one", checkpoint())
    path = tmp_path / "one" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 3}))

    with pytest.raises(CheckpointError, match="expected checkpoint format 2, got 3"):
        read_checkpoint(tmp_path / "one")


class Evil:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


@pytest.mark.parametrize("name", FILES)
def test_pickle_in_place_of_a_file_never_runs(tmp_path, name):
    folder, trace = tmp_path / "one", tmp_path / "ran"
    write_checkpoint(folder, checkpoint())
    (folder / name).write_bytes(pickle.dumps(Evil(trace)))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name]["sha256"] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))

    with pytest.raises(CheckpointError):
        read_checkpoint(folder)
    assert not trace.exists()


def test_store_keeps_the_newest_and_removes_only_its_own(tmp_path):
    (tmp_path / "update-mine").mkdir()
    (tmp_path / "notes").mkdir()
    store = CheckpointStore(tmp_path, keep=2)

    for update in (1, 2, 10):
        store.save(update, checkpoint(update))

    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "notes",
        "update-000002",
        "update-000010",
        "update-mine",
    ]


def test_store_takes_an_older_good_checkpoint_and_says_so(tmp_path):
    store = CheckpointStore(tmp_path, keep=3)
    for update in (1, 2):
        store.save(update, checkpoint(update))
    (tmp_path / "update-000002" / "state.json").write_text("{}")
    warnings: list[str] = []

    folder, found = store.newest(warnings.append)

    assert (folder.name, found.state["update"]) == ("update-000001", 1)
    assert len(warnings) == 1
    assert warnings[0].startswith("update-000002/state.json is cut off")


def test_store_without_a_good_checkpoint_says_so(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint was saved yet"):
        CheckpointStore(tmp_path, keep=3).newest(lambda _: None)


def test_store_that_went_back_keeps_what_it_writes_and_drops_the_abandoned(tmp_path):
    store = CheckpointStore(tmp_path, keep=1)
    store.save(20, checkpoint(20))
    store.save(10, checkpoint(10))

    store.save(12, checkpoint(12))

    assert [path.name for path in store.folders()] == ["update-000012"]


def test_rewriting_a_checkpoint_never_leaves_none(tmp_path, monkeypatch):
    store = CheckpointStore(tmp_path, keep=1)
    store.save(1, checkpoint(1))
    renames = []

    def cut_off_after_the_first(source, target):
        renames.append(target)
        if len(renames) == 2:
            raise OSError("power cut")
        os.rename(source, target)

    monkeypatch.setattr("pathlib.Path.rename", cut_off_after_the_first)
    with pytest.raises(OSError, match="power cut"):
        store.save(1, checkpoint(2))
    monkeypatch.undo()

    assert store.newest(lambda _: None)[1].state["update"] == 1
