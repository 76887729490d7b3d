"""Packages that hang, write anywhere, change the process, take names, are half removed: commands go on and say who."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

PATIENCE_S = 240
DECLARES = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="{name}", target="bad_{package}.hooks:Thing", summary="a thing")]


@hookimpl
def keisei_trackers():
    return [Component(name="{name}", target="bad_{package}.tracker:Tracker", summary="a tracker")]
"""
TRACKER = """
import os, subprocess


class Tracker:
    def __init__(self, context): pass
    def start(self, update): pass
    def log(self, update, metrics):
        print("PRINTED IN A RUN")
        os.write(1, b"RAW IN A RUN\\n")
        subprocess.run(["echo", "FROM A CHILD IN A RUN"])
    def close(self): pass
"""
NOISE = "import atexit, os\nprint('PRINTED')\nos.write(1, b'RAW\\n')\natexit.register(os.write, 1, b'AT EXIT\\n')\n"
MEDDLING = (
    "import os, random, signal, torch\nos.chdir('/')\nrandom.seed(1)\ntorch.manual_seed(1)\n"
    "torch.set_default_dtype(torch.float64)\ntorch.set_grad_enabled(False)\n"
    "for one in (signal.SIGINT, signal.SIGTERM): signal.signal(one, signal.SIG_IGN)\n"
)
HASTY = "import keisei_core.plugins.watchdog as w; w.TOLD_AFTER_S, w.LIMIT_S = 0.3, 1.0"
UNWATCHED = "from keisei_core.plugins.watchdog import Watchdog; Watchdog._look = lambda self, watched: None"


@pytest.fixture
def site(place):
    """A folder of packages that every command of the place finds."""
    folder = place.folder / "site"
    folder.mkdir()
    place.environment["PYTHONPATH"] = str(folder)
    return folder


def package(site: Path, name: str, source: str, component: str = "", tracker: str = "") -> None:
    """Writes the distribution keisei-plugins-NAME, as an installer leaves it."""
    module, card = site / f"bad_{name}", site / f"keisei_plugins_{name}-0.9.dist-info"
    module.mkdir()
    card.mkdir()
    (module / "__init__.py").write_text("")
    (module / "hooks.py").write_text(source + DECLARES.format(name=component or name, package=name))
    (module / "tracker.py").write_text(tracker)
    (card / "METADATA").write_text(f"Metadata-Version: 2.4\nName: keisei-plugins-{name}\nVersion: 0.9\n")
    (card / "entry_points.txt").write_text(f"[keisei]\n{name} = bad_{name}.hooks\n")


def half_removed(site: Path) -> Path:
    card = site / "half_removed-1.0.dist-info"
    card.mkdir()
    (card / "entry_points.txt").write_text("[keisei]\nthis is no assignment\n")
    return card / "entry_points.txt"


def listed(place, script: str = "") -> tuple[int, dict[str, dict[str, str]], str]:
    """Runs `keisei plugins list --json`; returns the exit code, the plugins by name, and what was said beside."""
    entry = f"{script}\nimport sys\nfrom keisei_core.cli import main\nsys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", entry, "plugins", "list", "--json"],
        env={**os.environ, **place.environment}, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    found = json.loads(done.stdout)["plugins"] if done.stdout else []
    return done.returncode, {plugin["name"]: plugin for plugin in found}, done.stderr


@pytest.mark.parametrize(
    "hang",
    [
        "while True: pass\n",
        "import time; time.sleep(1e6)\n",
        "import socket; one, other = socket.socketpair(); one.recv(1)\n",
    ],
)
def test_package_that_never_loads_is_told_of_and_left_out(place, site, hang, times, found):
    package(site, "hanging", hang)
    script, limit_s = (HASTY, "1") if times(1, 2) == 1 else ("", "30")

    code, plugins, said = listed(place, script)
    used, told = place.finish("run", place.config(model='name = "hanging"'), script=script)

    assert (code, plugins["keisei-plugins-hanging"]["status"]) == (0, "broken")
    assert plugins["keisei-plugins-hanging"]["error"].startswith(f"TooLongError: still loading after {limit_s} s")
    assert "plugin keisei-plugins-hanging 0.9 is still loading after" in said
    assert "KEISEI_DISABLE_PLUGINS=keisei-plugins-hanging" in said
    assert used == 3, told
    assert "keisei-plugins-hanging:hanging 0.9 (bad_hanging.hooks) is broken: TooLongError" in told
    found(f"a package with `{hang.strip()}` at import", f"told, left out after {limit_s} s; used: exit 3, named")


def test_package_that_never_loads_holds_up_who_does_not_watch(place, site, found):
    """The control: the package hangs."""
    package(site, "hanging", "import time; time.sleep(1e6)\n")

    process = place.start("plugins", "list", script=UNWATCHED)
    time.sleep(5)

    assert process.poll() is None
    found("control: the same package with nobody watching", "still hanging after 5 s")


def test_run_among_bad_packages_is_the_run_without_them(place, site, finished, found):
    """All at once, for one run costs seconds: each alone is tried in tests/plugins and tests/cli."""
    package(site, "hanging", "import time; time.sleep(1e6)\n")
    package(site, "noisy", NOISE, tracker=TRACKER)
    package(site, "meddling", MEDDLING)
    package(site, "ending", "import os; os._exit(9)\n")
    package(site, "namesake", "", component="resnet")
    package(site, "other", "", component="jsonl")
    damaged = half_removed(site)
    config = place.config(updates=4, keep=3, match_every=2)
    entry = f"{HASTY}\nimport sys\nfrom keisei_core.cli import main\nsys.exit(main())"
    words = ["run", str(config), "--run-dir", "r", "--set", 'tracking.trackers=["jsonl", "noisy"]']
    done = subprocess.run(
        [sys.executable, "-c", entry, *words], cwd=place.folder, env={**os.environ, **place.environment},
        capture_output=True, text=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    line, report = done.stdout.splitlines()
    assert line.startswith("score ")
    assert report == "report: r/report.html"
    for told in (
        f"keisei: warning: {damaged}: can't be read",
        "plugin keisei-plugins-hanging 0.9 is broken and takes no part",
        "plugin keisei-plugins-ending 0.9 is broken and takes no part: EndedError: called os._exit(9)",
        "plugin keisei-plugins-meddling 0.9: changed this process while it was loaded: working folder, signal handlers",
        "model 'resnet' means that of keisei-plugins-resnet 0.1.0; keisei-plugins-namesake 0.9 has one too",
        "tracker 'jsonl' means that of keisei 0.1.0; keisei-plugins-other 0.9 has one too",
    ):
        assert done.stderr.count(told) == 1, told
    for noise in ("PRINTED", "RAW", "AT EXIT", "PRINTED IN A RUN", "RAW IN A RUN", "FROM A CHILD IN A RUN"):
        assert noise in done.stderr
    assert {**place.digests()} == {**digests_of(place, finished)}
    found("a run among packages that hang, print, seed, chdir, `os._exit`, take names", "the same checkpoints, exit 0")

    code, said = place.finish("resume", "r", script=HASTY)
    assert code == 0, said
    assert "has one too" not in said
    found("the run resumed among packages with names of its parts", "exit 0: its config names the owners")


def digests_of(place, run: Path):
    (place.folder / "finished").symlink_to(run)
    return place.digests("finished")
