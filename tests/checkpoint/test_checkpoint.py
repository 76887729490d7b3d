"""Checkpoint folders: whole or not at all, verified, never trusted to run code."""

import json
import os
import sys
from pathlib import Path

import attrs
import numpy as np
import pytest
import torch

from keisei_core.checkpoint import (
    Checkpoint,
    CheckpointStore,
    RankState,
    not_finite_buffers,
    read_checkpoint,
    read_files,
    require_finite,
    write_checkpoint,
)
from keisei_core.errors import CheckpointError, DivergedError

FILES = ("weights.safetensors", "optimizer.safetensors", "state.json", "rank-0.safetensors", "rank-0.json")


def rank_state(rank: int) -> RankState:
    games = {"board": np.arange(6, dtype=np.uint8).reshape(2, 3), "keys": np.array([2**63 + rank], np.uint64)}
    return RankState(arrays=games, state={"random": {"order": 2**100 + rank}})


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
    assert [rank.arrays["keys"][0] for rank in back.ranks] == [np.uint64(2**63), np.uint64(2**63 + 1)]
    assert back.ranks[0].arrays["board"].tolist() == [[0, 1, 2], [3, 4, 5]]
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
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 4}))

    with pytest.raises(CheckpointError, match="expected checkpoint format 3, got 4"):
        read_checkpoint(tmp_path / "one")


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


def test_store_keeps_the_best_however_old_it_gets(tmp_path):
    store = CheckpointStore(tmp_path, keep=2)
    for update in range(1, 8):
        store.save(update, checkpoint(update), best=2 if update >= 2 else None)

    assert [path.name for path in store.folders()] == ["update-000002", "update-000006", "update-000007"]

    store.save(8, checkpoint(8), best=8)

    assert [path.name for path in store.folders()] == ["update-000007", "update-000008"]


def test_file_that_somebody_put_into_a_checkpoint_stays(tmp_path):
    store = CheckpointStore(tmp_path, keep=1)
    store.save(1, checkpoint(1))
    for name in ("notes.txt", "rank-0.json.bak"):
        (tmp_path / "update-000001" / name).write_text("mine")

    store.save(2, checkpoint(2))

    assert sorted(path.name for path in (tmp_path / "update-000001").iterdir()) == ["notes.txt", "rank-0.json.bak"]
    assert store.newest(pytest.fail)[0].name == "update-000002"


def test_linked_folder_is_never_looked_into(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    store = CheckpointStore(tmp_path / "checkpoints", keep=1)
    elsewhere.mkdir()
    write_checkpoint(elsewhere / "update-000001", checkpoint(1))
    store.save(0, checkpoint(0))
    (tmp_path / "checkpoints" / "update-000001").symlink_to(elsewhere / "update-000001")

    store.save(2, checkpoint(2))

    assert read_checkpoint(elsewhere / "update-000001").state["update"] == 1


def test_what_a_cut_off_write_left_is_cleared_away_and_never_taken(tmp_path):
    store = CheckpointStore(tmp_path, keep=3)
    store.save(1, checkpoint(1))
    write_checkpoint(tmp_path / "elsewhere", checkpoint(9))
    (tmp_path / "elsewhere").rename(tmp_path / "update-000009.tmp")

    assert store.newest(pytest.fail)[1].state["update"] == 1
    store.save(2, checkpoint(2))

    assert [path.name for path in sorted(tmp_path.iterdir())] == ["update-000001", "update-000002"]


def test_write_that_fails_is_cleared_away(tmp_path, monkeypatch):
    store = CheckpointStore(tmp_path, keep=3)
    store.save(1, checkpoint(1))
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(OSError, match=r"No space left on device: '.*update-000002.tmp/weights.safetensors'"):
        store.save(2, checkpoint(2))
    monkeypatch.undo()

    assert [path.name for path in tmp_path.iterdir()] == ["update-000001"]
    assert store.newest(pytest.fail)[1].state["update"] == 1


@pytest.mark.skipif(sys.platform != "linux", reason="what is synced is read from /proc")
def test_files_are_on_the_disk_before_the_name_is(tmp_path, monkeypatch):
    """Every file is synced, then their folder, before the rename; the folder around it after."""
    calls: list[str] = []
    fsync, rename = os.fsync, Path.rename
    monkeypatch.setattr(
        os, "fsync", lambda number: (calls.append(Path(os.readlink(f"/proc/self/fd/{number}")).name), fsync(number))
    )
    monkeypatch.setattr(Path, "rename", lambda path, to: (calls.append(f"to {to.name}"), rename(path, to)))

    write_checkpoint(tmp_path / "update-000001", checkpoint())

    files = [*FILES, "rank-1.safetensors", "rank-1.json"]
    assert sorted(calls[:7]) == sorted(files)
    assert calls[7:] == ["manifest.json", "update-000001.tmp", "to update-000001", tmp_path.name]


def test_opponent_pool_is_kept_where_there_is_one(tmp_path):
    pool = {"0:layer": torch.arange(3.0)}
    write_checkpoint(tmp_path / "one", attrs.evolve(checkpoint(), pool=pool))

    assert torch.equal(read_checkpoint(tmp_path / "one").pool["0:layer"], pool["0:layer"])
    write_checkpoint(tmp_path / "two", checkpoint())
    assert not (tmp_path / "two" / "pool.safetensors").exists()
    assert read_checkpoint(tmp_path / "two").pool == {}


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_network_that_is_not_finite_is_neither_saved_nor_taken(tmp_path, number):
    broken = attrs.evolve(checkpoint(), weights={"layer": torch.tensor([1.0, number])})

    with pytest.raises(DivergedError, match="got nan or inf in layer, so it was not saved"):
        require_finite(broken)
    write_checkpoint(tmp_path / "one", broken)
    with pytest.raises(CheckpointError, match="holds nan or inf in layer"):
        read_checkpoint(tmp_path / "one")


MASK = torch.tensor([0.0, -float("inf"), -float("inf")])


def test_buffer_that_held_inf_from_the_start_is_saved_and_taken(tmp_path):
    network = torch.nn.Linear(1, 1)
    network.register_buffer("mask", MASK.clone())
    masked = attrs.evolve(checkpoint(), weights=network.state_dict(), state={"not_finite": not_finite_buffers(network)})

    require_finite(masked)
    write_checkpoint(tmp_path / "one", masked)

    assert torch.equal(read_checkpoint(tmp_path / "one").weights["mask"], MASK)


@pytest.mark.parametrize(
    ("name", "tensor"),
    [("mask", MASK * 0), ("mask", MASK - float("inf")), ("weight", MASK)],
    ids=["mask-turns-nan", "more-of-it-turns-inf", "parameter"],
)
def test_what_turned_nan_or_inf_is_divergence_beside_a_mask(name, tensor):
    broken = attrs.evolve(checkpoint(), weights={name: tensor}, state={"not_finite": {"mask": [0, 2]}})

    with pytest.raises(DivergedError, match=f"got nan or inf in {name}"):
        require_finite(broken)


@pytest.mark.parametrize("told", [[], 3, {"mask": 2}, {"mask": [2]}, {"mask": "0, 2"}, None])
def test_what_a_damaged_state_says_of_masks_excuses_nothing(told):
    broken = attrs.evolve(checkpoint(), weights={"mask": MASK}, state={"not_finite": told})

    with pytest.raises(DivergedError, match="got nan or inf in mask"):
        require_finite(broken)


def test_older_format_is_refused_with_the_command_that_brings_it_up(tmp_path):
    write_checkpoint(tmp_path / "one", checkpoint())
    path = tmp_path / "one" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"format": 1}))

    with pytest.raises(CheckpointError, match=r"expected checkpoint format 3, got 1; bring it up with `keisei migrate"):
        read_checkpoint(tmp_path / "one")
    assert read_files(tmp_path / "one")[0] == 1
