"""Damaged checkpoints: cut off, a bit flipped, something else in a file's place. Refused by name, never taken."""

import os
import shutil
from pathlib import Path

import pytest
import torch

from keisei_core.checkpoint import CheckpointStore, read_checkpoint
from keisei_core.checkpoint.manifest import Manifest
from keisei_core.cli import main
from keisei_core.errors import CheckpointError

FILES = (
    "manifest.json",
    "weights.safetensors",
    "optimizer.safetensors",
    "pool.safetensors",
    "state.json",
    "rank-0.safetensors",
    "rank-0.json",
)
NEWEST, OLDER = "update-000004", "update-000003"


def newest_of(run: Path) -> Path:
    return run / "checkpoints" / NEWEST


def refusal(path: Path) -> str:
    """Reads the checkpoint in which a file was damaged; returns what was said, or nothing if it was taken."""
    try:
        read_checkpoint(path.parent)
    except CheckpointError as error:
        return str(error)
    return ""


def unnoticed(path: Path, damaged: list[bytes]) -> int:
    """Returns how many of the damaged contents are taken for good, or refused without naming the file and a remedy.

    Where size or hash in the manifest is damaged, the file that they are of is named: nobody can tell which is right.
    Where it is the format, another remedy is told.
    """
    named, remedy = (f"{path}: ", "; take another checkpoint")
    if path.name == "manifest.json":
        named, remedy = str(path.parent), "; "
    good, taken = path.read_bytes(), 0
    for content in damaged:
        path.write_bytes(content)
        said = refusal(path)
        taken += not (said.startswith(named) and remedy in said and "\n" not in said)
    path.write_bytes(good)
    assert not refusal(path)
    return taken


def cut_off(blob: bytes, number: int) -> list[bytes]:
    return [blob[: len(blob) * step // number] for step in range(number)]


def flipped(blob: bytes, bits: list[int]) -> list[bytes]:
    return [blob[: bit // 8] + bytes([blob[bit // 8] ^ 1 << bit % 8]) + blob[bit // 8 + 1 :] for bit in bits]


def some_bits(blob: bytes, number: int, rng) -> list[int]:
    return [rng.randrange(len(blob) * 8) for _ in range(number)]


@pytest.mark.parametrize("name", FILES)
def test_truncated_file_is_refused_at_any_length(run, name, times, found):
    path, number = newest_of(run) / name, times(10, 50)

    assert unnoticed(path, cut_off(path.read_bytes(), number)) == 0

    found(f"{name} cut off at {number} lengths", "refused each time, naming the file")


@pytest.mark.parametrize("name", FILES)
def test_single_flipped_bit_is_refused_anywhere(run, name, rng, times, found):
    path = newest_of(run) / name
    blob = path.read_bytes()
    every = name == "manifest.json" and times(0, 1)
    bits = list(range(len(blob) * 8)) if every else some_bits(blob, times(20, 300), rng)

    assert unnoticed(path, flipped(blob, bits)) == 0

    found(
        f"{'each' if every else len(bits)} single bit{'s' * (not every)} of {name} flipped",
        "refused each time, naming the file",
    )


def test_flipped_bits_are_taken_where_nothing_is_verified(run, rng, monkeypatch, found):
    """The control: what the hashes catch and the formats do not."""
    path = newest_of(run) / "weights.safetensors"
    monkeypatch.setattr(
        Manifest, "read_files", lambda self, folder: {name: (folder / name).read_bytes() for name in self.files}
    )
    good, taken = path.read_bytes(), 0
    for content in flipped(good, some_bits(good, 20, rng)):
        path.write_bytes(content)
        try:
            read_checkpoint(path.parent)
        except CheckpointError:
            continue
        taken += 1

    assert taken >= 10
    found("control: 20 bits flipped in the weights, hashes not verified", f"{taken} of 20 taken without a word")


@pytest.mark.parametrize("thing", ["folder", "pipe", "nothing", "too much"])
@pytest.mark.parametrize("name", ["manifest.json", "weights.safetensors", "rank-0.json"])
def test_something_else_in_a_files_place_is_refused(run, name, thing):
    path = newest_of(run) / name
    blob = path.read_bytes()
    path.unlink()
    if thing == "folder":
        path.mkdir()
    elif thing == "pipe":
        os.mkfifo(path)
    elif thing == "too much":
        path.write_bytes(blob)
        os.truncate(path, 2**40)  # a hole: reading it would fill the memory

    with pytest.raises(CheckpointError) as caught:
        read_checkpoint(path.parent)

    assert caught.value.remedy


def test_resume_takes_the_older_good_checkpoint_and_says_so(run, capfd, found):
    (newest_of(run) / "weights.safetensors").write_bytes(b"")
    assert main(["resume", str(run)]) == 0

    said = capfd.readouterr().err

    assert f"warning: {NEWEST}/weights.safetensors is cut off" in said
    assert f"; {OLDER} is taken instead" in said
    assert f"resuming {run} from {OLDER}" in said
    assert not refusal(newest_of(run) / "weights.safetensors")  # made again, over the damaged one
    found("newest checkpoint's weights emptied, then `keisei resume`", "took the one before, said so, ended well")


def test_resume_without_a_good_checkpoint_ends_with_4_in_one_line(run, capfd, found):
    for folder in CheckpointStore(run / "checkpoints", keep=3).folders():
        (folder / "state.json").write_bytes(b"{}")
    assert main(["resume", str(run)]) == 4

    said = capfd.readouterr().err.splitlines()

    assert len(said) == 1
    assert f"{NEWEST}/state.json is cut off" in said[0]
    assert said[0].endswith("start again with `keisei run` and the config.toml of this run")
    found("all checkpoints damaged, then `keisei resume`", "exit 4, one line with file, reason and remedy")


def test_resume_of_another_configs_checkpoint_ends_with_4_in_one_line(run, capfd):
    config = run / "config.toml"
    config.write_text(config.read_text().replace("tower_width = 8", "tower_width = 16"))
    assert main(["resume", str(run)]) == 4

    said = capfd.readouterr().err.splitlines()

    assert [f"{run}/checkpoints/{NEWEST}: " in line for line in said].count(True) == 1
    assert "config.toml" in said[-1]


def test_resume_after_the_checkpoints_were_taken_away_ends_with_4(run, capfd):
    shutil.rmtree(run / "checkpoints")

    assert main(["resume", str(run)]) == 4

    assert "no checkpoint was saved yet" in capfd.readouterr().err


def test_resume_with_other_threads_says_that_it_is_not_the_same_bit_for_bit(run, capfd):
    config = run / "config.toml"
    config.write_text(config.read_text().replace("threads = 1", "threads = 2"))

    try:
        main(["resume", str(run)])
    finally:
        torch.set_num_threads(1)

    told = f"note: {NEWEST}: made with threads 1, goes on with 2: not the same bit for bit"
    assert told in capfd.readouterr().err
