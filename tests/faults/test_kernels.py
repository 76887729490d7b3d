"""Compiled kernels on disk, damaged under real commands, and users without a home to keep them in."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.conftest import Place

MATCH = ("match", "random", "random", "--games", 2, "--max-plies", 20, "--threads", 1)
DAMAGES = {
    "emptied": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, 100),
    "overwritten": lambda path: path.write_bytes(bytes(range(256)) * 40),
}
UNCHECKED = """
from keisei_core.shogi.kernel_cache import CheckedFiles

CheckedFiles._check = lambda self, path: None
"""
"""Makes a process that takes kernels as it finds them."""
SAID = "compiled kernels are damaged and compiled anew"
NOBODY = 54321
AS_NOBODY = [
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search", "--bounding-set=-all,+dac_read_search",
]  # fmt: skip
"""Runs a command as a user who is in no list, may read everything and write nothing of others."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """A folder of compiled kernels; only to be copied."""
    made = Place(tmp_path_factory.mktemp("kept"))
    made.environment = {"NUMBA_CACHE_DIR": str(made.folder / "cache")}
    assert made.finish(*MATCH)[0] == 0
    return made.folder / "cache"


@pytest.fixture
def cache(only_in_full, request, place) -> Path:
    """A copy of it, to be damaged, which the commands of the test use."""
    copy = Path(shutil.copytree(request.getfixturevalue("kept"), place.folder / "cache"))
    place.environment = {"NUMBA_CACHE_DIR": str(copy)}
    return copy


def score(said: str) -> list[str]:
    return [line for line in said.splitlines() if line.startswith(("games", "score", "endings"))]


@pytest.mark.parametrize(("damage", "suffix"), [("emptied", "nbi"), ("cut", "nbc"), ("overwritten", "nbc")])
def test_damaged_kernels_are_compiled_anew_with_one_line(place, cache, damage, suffix, found):
    _, whole = place.finish(*MATCH)
    files = list(cache.rglob(f"*.{suffix}"))
    assert files
    for path in files:
        DAMAGES[damage](path)

    code, said = place.finish(*MATCH)
    _, again = place.finish(*MATCH)

    assert code == 0, said
    assert said.count("compil") == said.count(SAID) * 2 == 2, said
    assert "compil" not in again
    assert score(said) == score(again) == score(whole) != []
    found(f"every .{suffix} of the kernels {damage}", "compiled anew with one line, the same games; kept again")


def test_damaged_kernels_without_digests_end_every_command(place, cache, found):
    """The control: what digests are for."""
    for path in cache.rglob("*.nbi"):
        path.write_bytes(b"")

    for _ in range(2):
        assert place.finish(*MATCH, script=UNCHECKED)[0] == 130  # click takes numba's EOFError for Ctrl-D
    found("control: the same without looking at digests", "every command ends at once, unsaid")


def test_user_without_a_home_trains_and_leaves_no_litter(place, found, only_in_full):
    if os.geteuid() or shutil.which("setpriv") is None:
        pytest.skip("becoming a user who is in no list needs root and setpriv")
    work = Path("/dev/shm", f"keisei-{os.getpid()}")
    work.mkdir(mode=0o777)
    try:
        config = shutil.copy(place.config(updates=2), work / "tiny.toml")
        os.chown(work, NOBODY, NOBODY)
        environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        command = [*AS_NOBODY, sys.executable, "-m", "keisei_core", "run", str(config), "--run-dir", "r"]
        done = subprocess.run(
            command, cwd=work, env=environment, capture_output=True, text=True, timeout=240, check=False
        )

        assert done.returncode == 0, done.stderr
        assert "name a folder for them in NUMBA_CACHE_DIR" in done.stderr
        assert {path.name for path in work.iterdir()} == {"tiny.toml", "r"}
    finally:
        shutil.rmtree(work)
    found("`keisei run` by a user with neither HOME nor a passwd entry", "trained, nothing beside the run folder")
