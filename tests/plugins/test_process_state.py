"""What a plugin changes of the process while it is loaded is put back and told; what it may do is not."""

import importlib
import os
import random
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from keisei_core.plugins import Kind, Status
from keisei_core.plugins.loader import load_plugins
from keisei_core.plugins.process_state import ProcessState

END = "\nfrom keisei_core.builtin import *\nKEISEI_PLUGIN_API = (2, 0)\n"
"""Good declarations, whatever stands before them."""


def numpy_state() -> object:
    name, key, *rest = np.random.get_state()  # noqa: NPY002  # what plugins may seed
    return name, np.asarray(key).tobytes(), *rest


def file_modes() -> int:
    os.umask(mask := os.umask(0))
    return mask


MEDDLING: dict[str, tuple[str, Callable[[], object], str]] = {
    "chdir": ("import os; os.chdir('/')", os.getcwd, "working folder"),
    "dtype": (
        "import torch; torch.set_default_dtype(torch.float64)",
        torch.get_default_dtype,
        "default dtype of torch",
    ),
    "gradients": ("import torch; torch.set_grad_enabled(False)", torch.is_grad_enabled, "gradient mode of torch"),
    "threads": ("import torch; torch.set_num_threads(3)", torch.get_num_threads, "number of threads of torch"),
    "device": ("import torch; torch.set_default_device('meta')", torch.get_default_device, "default device of torch"),
    "signal": (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)",
        lambda: signal.getsignal(signal.SIGTERM),
        "signal handlers",
    ),
    "interrupt": (
        "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)",
        lambda: signal.getsignal(signal.SIGINT),
        "signal handlers",
    ),
    "blocked": (
        "import signal; signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())",
        lambda: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "blocked signals",
    ),
    "timer": (
        "import signal; signal.setitimer(signal.ITIMER_REAL, 1000)",
        lambda: signal.getitimer(signal.ITIMER_REAL),
        "timers",
    ),
    "mask": ("import os; os.umask(0o777)", file_modes, "mode of new files"),
    "path": ("import sys; del sys.path[1:]", lambda: list(sys.path), "import path"),
    "replaced": ("import sys; sys.modules['attrs'] = None", lambda: sys.modules["attrs"], "module table"),
    "removed": ("import sys; del sys.modules['json']", lambda: sys.modules.get("json"), "module table"),
    "seed": ("import random; random.seed(7)", random.getstate, "random state of Python"),
    "numpy": ("import numpy; numpy.random.seed(7)", numpy_state, "random state of numpy"),
    "torch": ("import torch; torch.manual_seed(7)", lambda: torch.get_rng_state().tolist(), "random state of torch"),
    "errors": ("import numpy; numpy.seterr(all='ignore')", np.geterr, "floating-point errors of numpy"),
    "recursion": ("import sys; sys.setrecursionlimit(5000)", sys.getrecursionlimit, "recursion limit"),
    "warnings": ("import warnings; warnings.simplefilter('ignore')", lambda: list(warnings.filters), "warning filters"),
    "logging": (
        "import logging; logging.disable()",
        lambda: sys.modules["logging"].root.manager.disable,
        "level below which all logging is off",
    ),
}
"""What a plugin does, what is looked at, how it is told."""


@pytest.mark.parametrize("name", MEDDLING)
def test_change_by_a_declaring_module_is_put_back_and_shown(workshop: Any, name: str) -> None:
    source, look, aspect = MEDDLING[name]
    workshop.plugin(source + END)
    before = look()

    first, second = (load_plugins(entries=workshop.entries()) for _ in range(2))

    assert look() == before
    assert [plugin.status for plugin in (*first, *second)] == [Status.MEDDLES, Status.MEDDLES]
    for plugin in (*first, *second):
        assert plugin.provided()
        assert plugin.warnings == (f"changed this process while it was loaded: {aspect}; put back where possible",)


@pytest.mark.parametrize("name", MEDDLING)
def test_change_by_a_target_is_put_back_and_told_once(
    workshop: Any, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source, look, aspect = MEDDLING[name]
    workshop.model("toy", thing=f"{source}\nclass Thing: pass")
    choice = workshop.registry().resolve(Kind.MODEL, "toy")
    before = look()

    for _ in range(2):
        choice.load()

    assert look() == before
    assert capsys.readouterr().err == (
        "keisei: warning: plugin keisei-plugins-toy 1.2.3 changed this process while model 'toy' was imported: "
        f"{aspect}; put back where possible\n"
    )


@pytest.mark.parametrize("name", MEDDLING)
def test_change_is_seen_by_nobody_without_the_comparison(name: str, tmp_path: Path) -> None:
    """The control: done without a guard, it stays."""
    source, look, aspect = MEDDLING[name]
    state, before = ProcessState(), look()

    exec(source, {})

    assert look() != before
    assert state.put_back() == [aspect]
    assert look() == before


@pytest.mark.parametrize(
    "source",
    [
        "import random; random.random()",
        "import warnings; warnings.filterwarnings('ignore', message='a word')",
        "import this",
    ],
    ids=["draws", "one-warning", "imports"],
)
def test_what_libraries_do_when_they_are_imported_is_no_meddling(workshop: Any, source: str) -> None:
    workshop.plugin(source + END)
    before = random.getstate()

    (plugin,) = load_plugins(entries=workshop.entries())

    assert (plugin.status, plugin.warnings) == (Status.OK, ())
    assert random.getstate() == before


def test_thread_that_goes_on_is_told(workshop: Any) -> None:
    source = "import threading\nover = threading.Event()\nthreading.Thread(target=over.wait, name='spin').start()"
    module = workshop.plugin(source + END)

    (plugin,) = load_plugins(entries=workshop.entries())

    assert plugin.status is Status.MEDDLES
    assert "threads ('spin' goes on)" in plugin.warnings[0]
    importlib.import_module(f"{module}.hooks").over.set()


def test_plugin_that_fails_after_a_change_is_broken_and_the_change_put_back(workshop: Any) -> None:
    workshop.plugin("import os; os.chdir('/'); 1 / 0")
    before = os.getcwd()

    (plugin,) = load_plugins(entries=workshop.entries())

    assert (plugin.status, os.getcwd()) == (Status.BROKEN, before)
    assert "working folder" in plugin.warnings[0]


def test_comparison_loads_no_library(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("torch", "numpy", "numpy.random", "random"):
        monkeypatch.delitem(sys.modules, name)

    ProcessState().put_back()

    assert not {"torch", "numpy", "random"} & set(sys.modules)
    assert threading.active_count() >= 1
