"""A plugin that does not come to an end is told of, then broken off and left out; the others load."""

import sys
from typing import Any

import pytest

from keisei_core.plugins import Kind, Status
from keisei_core.plugins.loader import load_plugins
from keisei_core.plugins.watchdog import TooLongError

HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    {body}
"""
HANGING = {
    "endless-loop": "while True: pass",
    "sleep": "import time; time.sleep(1e6)",
    "lock": "import threading; lock = threading.Lock(); lock.acquire(); lock.acquire()",
    "pipe": "import os; os.read(os.pipe()[0], 1)",
    "child": "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(20)'])",
    "hook": HOOKS.format(body="while True: pass"),
    "generator": HOOKS.format(body="yield from iter(lambda: __import__('time').sleep(0.001), 1)"),
    "stubborn": "import time\ntry: time.sleep(1e6)\nexcept BaseException: pass\ntime.sleep(1e6)",
}
REMEDY = 'to leave it out: KEISEI_DISABLE_PLUGINS=keisei-plugins-toy, or [plugins] disable = ["keisei-plugins-toy"]\n'


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keisei_core.plugins.watchdog.TOLD_AFTER_S", 0.1)
    monkeypatch.setattr("keisei_core.plugins.watchdog.LIMIT_S", 0.3)
    monkeypatch.setattr("keisei_core.plugins.watchdog.LOOK_S", 0.02)


@pytest.mark.parametrize("source", HANGING.values(), ids=HANGING)
def test_plugin_that_hangs_is_told_of_and_left_out(
    workshop: Any, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    module = workshop.plugin(source)
    workshop.model("other")

    hung, other = reversed(load_plugins(entries=workshop.entries()))

    assert (hung.status, other.status) == (Status.BROKEN, Status.OK)
    assert hung.cause.startswith("TooLongError: still loading after 0.3 s, at ")
    assert hung.story().startswith("keisei-plugins-toy:toy 1.2.3")
    assert capsys.readouterr().err == (
        f"keisei: warning: plugin keisei-plugins-toy 1.2.3 is still loading after 0.1 s; {REMEDY}"
    )
    assert f"{module}.hooks" not in sys.modules or "keisei_models" in source


def test_plugin_that_hung_is_not_waited_for_again(workshop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.plugin("import time; time.sleep(1e6)")

    first = load_plugins(entries=workshop.entries())
    capsys.readouterr()

    assert load_plugins(entries=workshop.entries()) == first
    assert capsys.readouterr().err == ""


def test_plugin_that_is_slow_but_ends_is_told_of_and_takes_part(
    workshop: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control: what comes to an end is not broken off."""
    monkeypatch.setattr("keisei_core.plugins.watchdog.LIMIT_S", 60.0)
    workshop.plugin(f"import time; time.sleep(0.4)\n{HOOKS.format(body='return []')}")

    (plugin,) = load_plugins(entries=workshop.entries())

    assert plugin.status is Status.OK
    assert "is still loading after 0.1 s" in capsys.readouterr().err


def test_target_that_hangs_is_broken_off_where_it_is_used(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keisei_core.plugins.choice.LIMIT_S", 0.3)
    workshop.model("toy", thing="import time; time.sleep(1e6)")
    choice = workshop.registry().resolve(Kind.MODEL, "toy")

    with pytest.raises(Exception, match=r"model 'toy' of keisei-plugins-toy 1\.2\.3 can't be used: .*still loading"):
        choice.load()


def test_breaking_off_is_no_exception_that_plugins_catch() -> None:
    assert not issubclass(TooLongError, Exception)


def test_import_of_a_large_library_is_not_broken_off(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """torch crashes the process if its import is broken off in the middle and done again."""
    module = workshop.plugin("from . import slow", files={"slow": "import time; time.sleep(0.8)"})
    monkeypatch.setattr("keisei_core.plugins.watchdog.LIBRARIES", (f"{module}.slow",))

    (plugin,) = load_plugins(entries=workshop.entries())

    assert "has no KEISEI_PLUGIN_API" in plugin.cause


def test_alarm_of_somebody_else_breaks_nothing_off(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keisei_core.plugins.watchdog.LIMIT_S", 60.0)
    workshop.plugin(f"import signal; signal.raise_signal(signal.SIGALRM)\n{HOOKS.format(body='return []')}")

    (plugin,) = load_plugins(entries=workshop.entries())

    assert plugin.status is Status.OK
