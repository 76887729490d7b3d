"""Machine code on disk that is damaged or has no place: compiled anew, with one line said."""

import importlib.util
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numba
import pytest
from numba.core.caching import IndexDataCacheFile

from keisei_core.shogi import compile_lock, kernel_cache
from keisei_core.shogi.compile import IS_COMPILED

pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="plain Python keeps no machine code")
KERNELS = """
from keisei_core.shogi.compile import kernel

@kernel
def double(number):
    return number * 2

@kernel
def triple(number):
    return number * 3
"""


class Workbench:
    """Two kernels in a file, and a folder for their machine code; every use is that of a fresh process."""

    def __init__(self, folder: Path, log: pytest.LogCaptureFixture) -> None:
        self.source = folder / "kernels.py"
        self.source.write_text(KERNELS)
        self.cache = folder / "cache"
        self.log = log

    def use(self) -> tuple[tuple[int, int], int, list[str]]:
        """Calls both kernels; returns what they gave, how many were found on disk, and what was said."""
        compile_lock._told.clear()
        self.log.clear()
        spec = importlib.util.spec_from_file_location("kernels_on_the_bench", self.source)
        assert spec is not None
        assert spec.loader is not None
        module: Any = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        given = module.double(21), module.triple(21)
        hits = sum(sum(each.stats.cache_hits.values()) for each in (module.double, module.triple))
        return given, hits, [record.getMessage() for record in self.log.records if record.name == "keisei"]

    def files(self, suffix: str) -> list[Path]:
        """Returns the index files (nbi) or those of code (nbc)."""
        return sorted(self.cache.rglob(f"*.{suffix}"))


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Workbench:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))  # type: ignore[attr-defined]
    made = Workbench(tmp_path, caplog)
    assert made.use()[1] == 0
    assert made.use() == ((42, 63), 2, [])
    return made


def flip(path: Path) -> None:
    """Changes one bit in the middle."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    (path / "something").mkdir(parents=True)


def replace_by_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.name)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: os.truncate(path, 100),
    "last byte gone": lambda path: os.truncate(path, path.stat().st_size - 1),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"\n"),
    "garbage": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "one bit": flip,
    "another type": lambda path: path.write_bytes(pickle.dumps(numba.__version__) + pickle.dumps(42)),
    "numba's own": lambda path: path.write_bytes(path.read_bytes()[: -kernel_cache.DIGEST_BYTES]),
    "a folder": replace_by_folder,
    "a link to itself": replace_by_loop,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_damaged_kernel_is_compiled_anew_with_one_line_and_kept(
    bench: Workbench, suffix: str, damage: Callable[[Path], object]
) -> None:
    for path in bench.files(suffix):
        damage(path)

    given, hits, said = bench.use()

    assert (given, hits) == ((42, 63), 0)
    assert len(said) == 1
    assert said[0].startswith("compiled kernels are damaged and compiled anew")
    assert str(bench.files(suffix)[0]) in said[0]
    assert bench.use() == ((42, 63), 2, [])


def test_one_damaged_kernel_of_several_is_compiled_alone(bench: Workbench) -> None:
    flip(bench.files("nbc")[0])

    given, hits, said = bench.use()

    assert (given, hits, len(said)) == ((42, 63), 1, 1)


def test_code_that_is_gone_is_compiled_without_a_word_of_damage(bench: Workbench) -> None:
    for path in bench.files("nbc"):
        path.unlink()

    given, hits, said = bench.use()

    assert (given, hits) == ((42, 63), 0)
    assert said == ["compiling kernels for this machine; this takes about ten seconds, and only the first time"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_file_that_may_not_be_read_is_compiled_anew(bench: Workbench, suffix: str) -> None:
    for path in bench.files(suffix):
        path.chmod(0)

    given, _, said = bench.use()

    assert (given, len(said)) == ((42, 63), 1)


@pytest.mark.parametrize("suffix", ["nbi", "nbc"])
def test_file_whose_reading_fails_is_compiled_anew(
    bench: Workbench, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if path.suffix == f".{suffix}":
            raise PermissionError(13, "Permission denied", str(path))
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)

    given, _, said = bench.use()

    assert (given, len(said)) == ((42, 63), 1)
    assert "(Permission denied)" in said[0]


def test_numbas_own_files_end_in_an_exception(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the digests are for."""
    for path in bench.files("nbi"):
        path.write_bytes(b"")
    monkeypatch.setattr(kernel_cache, "CheckedFiles", IndexDataCacheFile)

    with pytest.raises(EOFError):
        bench.use()


@pytest.fixture
def homeless(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workbench]:
    """Kernels whose own folder can't be written, for a user without a home, in an empty working folder."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")  # type: ignore[attr-defined]
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: {}[uid])
    in_tree = bench.source.parent / "__pycache__"
    shutil.rmtree(in_tree, ignore_errors=True)
    in_tree.write_text("in the way")
    work = bench.source.parent / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    yield bench
    assert list(work.iterdir()) == []


def test_kernels_of_a_user_without_a_home_leave_nothing_in_the_working_folder(homeless: Workbench) -> None:
    given, hits, said = homeless.use()

    assert (given, hits, len(said)) == ((42, 63), 0, 1)
    assert "name a folder for them in NUMBA_CACHE_DIR" in said[0]


@pytest.mark.parametrize("home", ["relative", "/proc/nope", "~/again"])
def test_home_that_is_none_leaves_nothing_in_the_working_folder(
    homeless: Workbench, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)

    assert homeless.use()[0] == (42, 63)


@pytest.mark.parametrize("folder", ["~/kernels", "~nosuchuser/kernels"])
def test_named_folder_that_is_in_no_home_leaves_nothing_in_the_working_folder(
    homeless: Workbench, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", folder)  # type: ignore[attr-defined]

    assert homeless.use()[0] == (42, 63)


def test_named_folder_in_a_home_is_that_of_the_home(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(numba.config, "CACHE_DIR", "~/cache")  # type: ignore[attr-defined]

    assert bench.use() == ((42, 63), 2, [])
