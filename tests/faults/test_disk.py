"""Disks that are full, read-only or gone: exit 7 with path and free space, and what was saved before is good."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from keisei_core.checkpoint import CheckpointStore, read_checkpoint
from keisei_core.errors import CheckpointError

IN_PLACE = """
from keisei_core.checkpoint import folder, serial, store

def in_place(place, checkpoint):
    folder._fill(place, serial.serialized(checkpoint))

store.write_checkpoint = in_place
"""
"""Makes a process write a checkpoint where it is to stand, and leave it there."""


def mounted(*words: object) -> bool:
    return subprocess.run(["mount", *map(str, words)], capture_output=True, check=False).returncode == 0


@pytest.fixture
def small_disk(place) -> Iterator[Path]:
    """A filesystem of 4 MiB at `small` in the place."""
    disk = place.folder / "small"
    disk.mkdir()
    if os.geteuid() or not mounted("-t", "tmpfs", "-o", "size=4m", "tmpfs", disk):
        pytest.skip("mounting a small filesystem needs root and the right to mount")
    yield disk
    place.end_all()
    subprocess.run(["umount", "--lazy", disk], check=True)


def newest_good(run: Path) -> int:
    """Returns the update of the newest checkpoint, every one of which has to be good."""
    store = CheckpointStore(run / "checkpoints", keep=1)
    _, checkpoint = store.newest(lambda problem: pytest.fail(problem))
    return int(checkpoint.state["counters"]["update"])


def fill(disk: Path) -> None:
    """Leaves not a byte free."""
    with (disk / "ballast").open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass


def test_full_disk_ends_with_7_leaves_the_last_checkpoint_and_resumes_with_room(place, small_disk, found):
    process = place.begin("small/r", sampled=0)
    fill(small_disk)

    assert process.wait(timeout=60) == 7, place.said(process)

    said = next(line for line in place.said(process).splitlines() if line.startswith("keisei: error"))
    assert said.startswith("keisei: error: small/r: the run folder can't be written (No space left on device: small/r/")
    assert "MiB are free there; make it writable or make room" in said
    saved = newest_good(small_disk / "r")
    assert saved >= 1
    assert not list((small_disk / "r" / "checkpoints").glob("*.tmp"))
    (small_disk / "ballast").unlink()
    again = place.start("resume", "small/r")
    place.wait_for(lambda: place.newest("small/r") > saved, again)
    found("a filesystem of 4 MiB filled to the last byte, then emptied", "exit 7 with path and space; resumed")


def test_full_disk_tears_the_checkpoint_of_a_writer_in_place(place, small_disk, only_in_full, found):
    """The control: what writing beside prevents."""
    process = place.begin("small/r", sampled=0, script=IN_PLACE)
    fill(small_disk)
    assert process.wait(timeout=60) == 7, place.said(process)

    torn = CheckpointStore(small_disk / "r" / "checkpoints", keep=1).folders()[-1]

    with pytest.raises(CheckpointError):
        read_checkpoint(torn)
    found("control: the same with a writer that does not rename", "a torn checkpoint under the newest one's name")


def test_read_only_folder_ends_with_7_and_so_does_resume(place, only_in_full, found):
    folder, view = place.folder / "r", place.folder / "view"
    process = place.begin(sampled=0)
    view.mkdir()
    if os.geteuid() or not mounted("--bind", folder, view):
        pytest.skip("mounting read-only needs root and the right to mount")
    # A mount through which somebody writes can't be made read-only, so a read-only one is laid over the folder.
    over = [view]
    try:
        assert mounted("-o", "remount,ro,bind", view)
        assert mounted("--bind", view, folder)
        over.append(folder)

        assert process.wait(timeout=60) == 7, place.said(process)
        assert "r: the run folder can't be written (Read-only file system: r/" in place.said(process)
        assert newest_good(folder) >= 1

        code, said = place.finish("resume", "r")
        assert code == 7, said
        found("run folder mounted read-only; then `keisei resume`", "exit 7 both times, last checkpoint good")
    finally:
        place.end_all()
        for mount in over:
            subprocess.run(["umount", "--lazy", mount], check=True)


def test_run_folder_that_vanishes_ends_with_7_and_is_not_made_again(place, found):
    process = place.begin(sampled=0)
    shutil.move(place.folder / "r", place.folder / "elsewhere")

    assert process.wait(timeout=60) == 7, place.said(process)

    assert "r: the run folder can't be written (No such file or directory: r/" in place.said(process)
    assert "it does not exist (any more): put it back and resume" in place.said(process)
    assert not (place.folder / "r").exists()
    assert newest_good(place.folder / "elsewhere") >= 1
    found("run folder moved away while running", "exit 7, not made again, last checkpoint good")


def test_file_that_may_not_grow_ends_with_7(place):
    # No file beyond 16 KiB: the first checkpoint with the optimiser's moments wants to.
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))\n"
    code, said = place.finish("run", place.config(), "--run-dir", "r", script=limit)

    assert code == 7, said
    assert "(File too large: r/checkpoints/update-00000" in said
    assert not list((place.folder / "r" / "checkpoints").glob("*.tmp"))


@pytest.mark.parametrize("flag", ["--store", "--games-to"])
def test_match_whose_disk_is_full_shows_its_result(place, small_disk, flag, found):
    fill(small_disk)
    words = ("match", "random", "random", "--games", 40, flag, "small/out", "--max-plies", 60, "--device", "cpu")
    code, said = place.finish(*words)

    assert code == 2
    assert "score    0." in said
    assert "small/out: can't be written: No space left on device" in said
    assert "Traceback" not in said
    assert flag == "--games-to" or (small_disk / "out").read_bytes() == b""
    found(f"`keisei match {flag}` on a full disk", "the result is shown, exit 2 in one line")
