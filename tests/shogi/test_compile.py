"""Compiled code on disk: processes that start at once, changed sources, and kernels without a compiler."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import keisei_core

SOURCES = Path(keisei_core.__file__).parent
GAMES = """
import hashlib
import numpy as np
from keisei_core.shogi import Branches, Games, Starts
sfens = ["startpos", "lnsgk1snl/6g2/p1pppp1pp/6p2/9/2P6/P2PPPP1P/7R1/LNSGKGSNL b RB2Pb 1",
         "R8/2K1S1SSk/4B4/9/9/9/9/9/1L1L1L3 b RBGSNLP3g3n17p 1"]
games = Games(8, max_plies=24, starts=Starts.from_sfens(sfens, random_plies=3), seed=7, history=3)
digest = hashlib.sha256()
for _ in range(30):
    games.step(games.sample())
    for name, array in games.state().items():
        digest.update(array.tobytes())
"""
BRANCHES = """
branches = Branches.of_games(games, np.arange(8).repeat(2))
for seed in range(20):
    weights = branches.legal * np.random.default_rng(seed).random(branches.legal.shape)
    branches.play(np.where(branches.num_legal > 0, weights.argmax(axis=1), -1).astype(np.int32))
    for array in (*branches.positions.arrays().values(), branches.legal, branches.ending, branches.recurrence):
        digest.update(array.tobytes())
"""
PRINT = "print(digest.hexdigest())\n"
PLAY = GAMES + BRANCHES + PRINT


def start(root: Path, program: str = PLAY, **environment: str) -> subprocess.Popen[str]:
    """Runs a program, or one that plays games and branches of them and prints a digest of all that they are."""
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONPATH": str(root)} | environment,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> tuple[str, str]:
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    return output, errors


@pytest.fixture(scope="module", autouse=True)
def others(tmp_path_factory: pytest.TempPathFactory) -> dict[str, subprocess.Popen[str]]:
    """Processes with kernels of other kinds, started first because they take longest."""
    folder = str(tmp_path_factory.mktemp("bounds-checked"))
    return {
        "bounds-checked": start(SOURCES.parent, NUMBA_BOUNDSCHECK="1", NUMBA_CACHE_DIR=folder),
        "plain Python": start(SOURCES.parent, NUMBA_DISABLE_JIT="1"),
    }


@pytest.fixture(scope="module")
def compiled() -> str:
    """What the processes print with the usual cache."""
    return finish(start(SOURCES.parent))[0]


@pytest.mark.parametrize("kind", ["plain Python", "bounds-checked"])
def test_kernels_of_every_kind_play_the_same(
    kind: str, others: dict[str, subprocess.Popen[str]], compiled: str
) -> None:
    assert finish(others[kind])[0] == compiled


def test_two_threads_play_the_same(compiled: str) -> None:
    assert finish(start(SOURCES.parent, f"from keisei_core.shogi import use_crew\nuse_crew(2)\n{PLAY}"))[0] == compiled


def test_processes_that_start_at_once_without_a_cache_compile_once_and_play_the_same(tmp_path: Path) -> None:
    def begin(**environment: str) -> subprocess.Popen[str]:
        return start(SOURCES.parent, GAMES + PRINT, **environment)

    processes = [begin(NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(4)]
    results = [finish(process) for process in processes]
    with_the_usual_cache = finish(begin())[0]
    assert {output for output, _ in results} == {with_the_usual_cache}
    messages = [errors for _, errors in results]
    assert sum("compiling kernels for this machine" in message for message in messages) >= 1
    assert any("waiting for another process" in message for message in messages)
    assert finish(begin(NUMBA_CACHE_DIR=str(tmp_path))) == (with_the_usual_cache, "")


KERNELS = {
    "rules/part.py": """
from keisei_core.shogi.compile import inner

@inner
def part(number):
    return number + 1
""",
    "rules/whole.py": """
from keisei_core.shogi.compile import kernel
from keisei_core.shogi.rules.part import part

@kernel
def whole(number):
    return part(number)
""",
}


def change(part: Path) -> None:
    """Lets the inner function add 2 instead of 1."""
    part.write_text(part.read_text(encoding="utf-8").replace("+ 1", "+ 2"), encoding="utf-8")
    os.utime(part, (0, 0))  # Python takes a file of the same size and second for the same


def test_change_in_a_file_that_a_kernel_calls_is_compiled(tmp_path: Path) -> None:
    shutil.copytree(SOURCES, tmp_path / "keisei_core", ignore=shutil.ignore_patterns("__pycache__"))
    for name, text in KERNELS.items():
        (tmp_path / "keisei_core" / "shogi" / name).write_text(text, encoding="utf-8")
    program = "from keisei_core.shogi.rules.whole import whole; print(whole(1), sum(whole.stats.cache_hits.values()))"
    assert finish(start(tmp_path, program))[0] == "2 0\n"
    part = tmp_path / "keisei_core" / "shogi" / "rules" / "part.py"
    change(part)
    assert finish(start(tmp_path, program))[0] == "3 0\n"
    assert finish(start(tmp_path, program))[0] == "3 1\n"


def test_change_in_a_file_beside_a_kernel_of_another_package_is_compiled(tmp_path: Path) -> None:
    package = tmp_path / "another"
    package.mkdir()
    (package / "__init__.py").touch()
    for name, text in KERNELS.items():
        text = text.replace("keisei_core.shogi.rules.part", "another.part")
        (package / Path(name).name).write_text(text, encoding="utf-8")
    program = "from another.whole import whole; print(whole(1), sum(whole.stats.cache_hits.values()))"
    assert finish(start(tmp_path, program))[0] == "2 0\n"
    change(package / "part.py")
    assert finish(start(tmp_path, program))[0] == "3 0\n"
    assert finish(start(tmp_path, program))[0] == "3 1\n"


def test_kernel_is_compiled_by_passes_of_numba_where_llvmlite_has_none_for_small_code(tmp_path: Path) -> None:
    (tmp_path / "doubled.py").write_text(
        "from keisei_core.shogi.compile import inner, kernel\n\n\n@inner\ndef part(x):\n    return x + x\n\n\n"
        "@kernel\ndef doubled(x):\n    return part(x)\n"
    )
    program = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from types import SimpleNamespace
from keisei_core.shogi import kernel_compiler
kernel_compiler.llvm = SimpleNamespace(parse_assembly=kernel_compiler.llvm.parse_assembly)
from doubled import doubled
print(doubled(21), kernel_compiler.small_code(None))
"""
    assert finish(start(SOURCES.parent, program, NUMBA_CACHE_DIR=str(tmp_path)))[0] == "42 None\n"


def test_kernel_that_does_not_compile_gives_the_lock_back(tmp_path: Path) -> None:
    source = tmp_path / "broken.py"
    source.write_text(
        "from keisei_core.shogi.compile import kernel\n\n\n@kernel\ndef broken(x):\n    return x.no_such_thing\n"
    )
    script = f"""
import sys
sys.path.insert(0, {str(tmp_path)!r})
from broken import broken
try:
    broken(1)
except Exception as error:
    print(type(error).__name__, broken._cache._lock._depth)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True)

    assert done.stdout == "TypingError 0\n"


def test_kernels_run_where_the_disk_takes_no_compiled_code(tmp_path: Path) -> None:
    script = "from keisei_core.shogi import START_SFEN, parse_sfen; print(parse_sfen(START_SFEN).in_check)"
    limited = f"ulimit -f 1; exec {sys.executable} -c '{script}'"
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", limited], env=environment, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "compiled kernels can't be kept" in done.stderr
