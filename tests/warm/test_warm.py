"""Kernels compiled beforehand: nothing is left for a command to compile, and what goes wrong is told."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest

from keisei_core.cli import main
from keisei_core.first_compile import before_compiling, prepare_to_compile
from keisei_core.plugins import load_registry
from keisei_core.shogi import compile_lock
from keisei_core.shogi.compile import IS_COMPILED
from keisei_core.shogi.compile_lock import CompileLock
from keisei_core.shogi.kernel_cache import KernelCache, cache_of
from keisei_core.warm import WarmUp, compile_ahead, installed_warm_ups
from keisei_core.warm.compile_all import FIRST_NEEDED, LATE, OWN, Worker, compile_missing, run, workers_for
from keisei_core.warm.warm_ups import do, kernels_of

module = sys.modules[compile_missing.__module__]
pytestmark = pytest.mark.skipif(not IS_COMPILED, reason="plain Python has no kernels to compile")


class AtOnce(Thread):
    """A thread that is done when it has been started."""

    def start(self) -> None:
        super().start()
        self.join()


def test_every_kernel_is_called_by_a_warm_up_with_one_kind_of_arguments() -> None:
    warm_ups = list(installed_warm_ups(load_registry()))

    problems = [done.problem for done in map(do, [warm_up.target for warm_up in warm_ups]) if done.problem]

    kernels = kernels_of(warm_ups)
    assert problems == []
    assert {kernel.__name__: len(kernel.overloads) for kernel in kernels} == {kernel.__name__: 1 for kernel in kernels}


def test_warm_up_that_takes_longest_asks_for_no_legal_moves_which_a_command_compiles_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def asked(*arguments: object) -> None:
        raise AssertionError("it would compile them too, or wait for them")

    monkeypatch.setattr("keisei_core.shogi.legal.generate_all", asked)

    assert do("keisei_core.warm.core:sound_moves").problem == ""
    assert do("keisei_core.warm.core:leaves").problem != ""  # where they are asked for, it shows


def test_commands_compile_nothing_after_warm() -> None:
    def keisei(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "keisei_core", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)

    told = json.loads(keisei("warm", "--json").stdout)
    match = keisei("match", "alphabeta", "random", "--games", "2", "--max-plies", "20", "--threads", "2")

    assert told["kernels"] > 20
    assert all(os.path.isdir(folder) for folder in told["folders"])
    assert "compil" not in match.stderr


@pytest.fixture
def cold(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[SimpleNamespace]:
    """A machine on which three of the kernels are not on disk; warm-ups are noted and not run."""
    compile_lock._told.clear()
    seen = SimpleNamespace(missing=[2, 1], cores=3, num_workers=0, runs=[], ended=Event(), log=caplog)

    def pretended(warm_ups: list[WarmUp], workers: list[Worker], lock: CompileLock) -> None:
        seen.runs.append([warm_up.target for warm_up in warm_ups])
        seen.num_workers = len(workers)
        lock.release()
        seen.ended.set()

    monkeypatch.setattr(module, "num_missing", lambda kernels: seen.missing.pop(0))
    monkeypatch.setattr(module, "usable_cores", lambda: seen.cores)
    monkeypatch.setattr(module, "Worker", lambda niceness: niceness)
    monkeypatch.setattr(module, "run_beside", pretended)
    yield seen
    compile_lock._told.clear()


def test_command_on_a_cold_machine_has_all_kernels_compiled_and_says_so_in_one_line_with_their_number(
    cold: SimpleNamespace,
) -> None:
    compile_missing()

    assert cold.ended.wait(60)
    assert [record.getMessage() for record in cold.log.records] == [
        "compiling 3 kernels, once on this machine; this takes about ten seconds (keisei warm does it beforehand)"
    ]
    declared = [warm_up.target for warm_up in installed_warm_ups(load_registry())]
    assert [sorted(targets) for targets in cold.runs] == [sorted(declared)]
    assert cold.runs[0][-1] == FIRST_NEEDED
    assert cold.runs[0][-1 - len(LATE) : -1] == list(LATE)
    assert cold.num_workers == 2


def test_processes_have_begun_before_a_plugin_is_imported(
    cold: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []

    def kernels_of(warm_ups: list[WarmUp]) -> list[object]:
        seen.append((any(not warm_up.target.startswith(OWN) for warm_up in warm_ups), cold.ended.is_set()))
        return []

    monkeypatch.setattr(module, "kernels_of", kernels_of)
    monkeypatch.setattr(module, "Thread", AtOnce)

    compile_missing()

    assert seen == [(False, False), (True, True)]


@pytest.mark.parametrize(("is_kept", "times"), [(True, 0), (False, 1)])
def test_command_begins_to_compile_before_it_loads_torch_where_games_have_no_kernel(
    monkeypatch: pytest.MonkeyPatch, is_kept: bool, times: int
) -> None:
    prepared: list[None] = []
    before_compiling(lambda: prepared.append(None))
    monkeypatch.setattr(KernelCache, "is_kept", property(lambda cache: is_kept))

    compile_ahead()
    compile_ahead()
    before_compiling(None)

    assert len(prepared) == times


def test_command_with_one_core_compiles_what_it_comes_to_itself(cold: SimpleNamespace) -> None:
    cold.cores = 1

    compile_missing()
    cold.missing = [2, 1]
    compile_missing()  # the lock was given back

    assert cold.runs == []


def test_command_beside_another_that_has_kernels_compiled_starts_no_processes(cold: SimpleNamespace) -> None:
    place = cache_of(compile_missing)
    other = CompileLock(Path(place.folder), "keisei-kernels")

    assert other.attempt()
    compile_missing()
    other.release()

    assert (cold.runs, cold.log.records) == ([], [])


def test_command_that_ends_before_its_helper_ends_it(tmp_path: Path) -> None:
    program = (
        "import sys, subprocess; from keisei_core.warm.compile_all import run_beside, workers_for, Thread, WarmUp;"
        "from keisei_core.shogi.compile_lock import CompileLock; from pathlib import Path;"
        "lock = CompileLock(Path('.'), 'x'); lock.attempt(); workers = workers_for([1], 1);"
        "warm_ups = [WarmUp('signal:pause', 'nobody')];"
        "Thread(target=run_beside, args=(warm_ups, workers, lock), daemon=True).start();"
        "print(workers[0]._process.pid)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=True
    )

    assert not Path(f"/proc/{int(done.stdout)}").exists()


def test_command_that_misses_a_kernel_that_no_package_declares_starts_no_processes(cold: SimpleNamespace) -> None:
    cold.missing = [0, 0]

    compile_missing()

    assert (cold.runs, cold.log.records) == ([], [])


def test_what_comes_before_the_first_compilation_comes_once() -> None:
    done: list[str] = []
    before_compiling(lambda: done.append("done"))

    prepare_to_compile()
    prepare_to_compile()

    assert done == ["done"]


def test_process_that_ends_and_function_that_raises_are_told_and_stop_no_other_warm_up() -> None:
    targets = ["os:abort", "keisei_core.warm.nowhere:nothing", "keisei_core.warm.core:leaves"]
    warm_ups = [WarmUp(target, "keisei 0") for target in targets]

    problems = {done.target: done.problem for done in run(warm_ups, workers_for(warm_ups, 2))}

    assert problems["os:abort"] == "its process ended"
    assert problems["keisei_core.warm.nowhere:nothing"].startswith("ModuleNotFoundError")


def test_plugin_whose_warm_up_fails_ends_warm_with_the_exit_code_of_plugins(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(module, "num_missing", lambda kernels: 1)
    monkeypatch.setattr(
        module, "installed_warm_ups", lambda registry: [WarmUp("keisei_core.warm.core:none", "them 1.0")]
    )

    assert main(["warm"]) == 3

    assert "them 1.0: warm-up keisei_core.warm.core:none: AttributeError" in capsys.readouterr().err
