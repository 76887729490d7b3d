"""A thread that a plugin left running does not keep a finished command from ending; one that ends is waited for."""

import os
import subprocess
import sys
from typing import Any

import pytest

SCRIPT = """
import sys
import keisei_core.cli.ending
keisei_core.cli.ending.GRACE_S = {grace}
from keisei_core.cli import main
sys.exit(main())
"""
HOOKS = """
import atexit, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
from keisei_core.builtin import *

{does}
atexit.register(sys.stderr.write, "at exit\\n")
"""
PATIENCE_S = 60


def listing(workshop: Any, does: str, *words: str, grace: float = 0.3) -> subprocess.CompletedProcess[str]:
    workshop.plugin(HOOKS.replace("{does}", does))
    command = [sys.executable, "-c", SCRIPT.format(grace=grace), *words]
    environment = os.environ | {"PYTHONPATH": str(workshop.folder)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


@pytest.mark.parametrize(("words", "code"), [(("plugins", "list"), 0), (("plugins", "show", "nobody"), 2)])
def test_thread_that_never_ends_does_not_keep_the_command(workshop: Any, words: tuple[str, ...], code: int) -> None:
    done = listing(workshop, "threading.Thread(target=time.sleep, args=(1e6,), name='forever').start()", *words)

    assert done.returncode == code
    assert (code, "keisei-plugins-toy" in done.stdout) in [(0, True), (2, False)]
    assert done.stderr.endswith(
        "keisei: warning: ends without waiting for threads that a plugin left: 'forever'\nat exit\n"
    )


def test_thread_that_ends_is_waited_for(workshop: Any) -> None:
    """The control: what writes a last line does so."""
    does = "threading.Thread(target=lambda: time.sleep(0.5) or sys.stderr.write('done\\n')).start()"

    done = listing(workshop, does, "plugins", "list", grace=60)

    assert done.returncode == 0
    assert done.stderr == "done\nat exit\n"


def test_idle_pool_ends_by_itself(workshop: Any) -> None:
    done = listing(workshop, "pool = ThreadPoolExecutor(); pool.submit(int)", "plugins", "list", grace=60)

    assert (done.returncode, done.stderr) == (0, "at exit\n")


NOW = """
import atexit
from keisei_core.cli.ending import end_now

class Last:
    def __del__(self):
        print("taken down")

last = Last()
atexit.register(print, "at exit")
print("before", end="")
end_now(3)
"""


def test_end_at_once_does_what_is_due_at_exit_and_takes_nothing_down() -> None:
    done = subprocess.run([sys.executable, "-c", NOW], capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.stdout == "beforeat exit\n"
    assert done.returncode == 3
