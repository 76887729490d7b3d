"""`keisei export` killed in the middle, on a full disk, in a place that can't be written: nothing half-made is left."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

STUCK_BEFORE_THE_DESCRIPTION = """
from pathlib import Path
from time import sleep
from keisei_core.arena import export

write = export.write_durably

def stuck(path, blob):
    if path.name == "network.json":
        Path("stuck").touch()
        sleep(600)
    write(path, blob)

export.write_durably = stuck
"""
IN_PLACE = """
from contextlib import contextmanager
from keisei_core.arena import export

@contextmanager
def in_place(folder):
    folder.mkdir()
    yield folder

export._written_at_once = in_place
"""
"""The control: writes where the export is to stand."""


@pytest.mark.parametrize(("control", "is_there"), [("", False), (IN_PLACE, True)], ids=["beside", "control-in-place"])
def test_export_killed_in_the_middle_leaves_nothing_at_its_place(place, run, found, control, is_there):
    process = place.start("export", run, "out", script=control + STUCK_BEFORE_THE_DESCRIPTION)
    place.wait_for(lambda: (place.folder / "stuck").exists(), process)
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=60)

    assert (place.folder / "out").exists() == is_there
    code, said = place.call("export", run, "out")
    assert (code == 0) != is_there, said
    found("export killed between its files" + is_there * " (control: written in place)", f"exported again: exit {code}")


def test_export_onto_a_full_disk_is_told_and_leaves_nothing(place, run, found):
    disk = place.folder / "small"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small filesystem needs root and the right to mount")
    try:
        code, said = place.call("export", run, "small/out")
        assert (code, list(disk.iterdir())) == (2, []), said
        assert "small/out: can't be written: No space left on device; nothing was exported" in said
        assert "Traceback" not in said
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)
    found("a filesystem of 16 KiB", "exit 2 with path and reason, no file left")


def test_export_into_a_read_only_place_is_told(place, run):
    code, said = place.call("export", run, Path("/proc/out"))

    assert code == 2, said
    assert "Traceback" not in said
