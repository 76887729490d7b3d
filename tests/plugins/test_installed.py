"""Bad packages, built and installed as by pip: listed with their causes, harmless unused, exit 3 where used."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from keisei_core.plugins.notices import forget_notices
from tests.in_process import exit_code_of
from tests.installing import install

PROJECT = """
[build-system]
requires = ["hatchling>=1.25"]
build-backend = "hatchling.build"

[project]
name = "keisei-plugins-{name}"
version = "0.4.2"
urls = {{ Homepage = "https://example.org/{name}" }}

[project.entry-points.keisei]
{name} = "keisei_plugins_{name}.hooks"

[tool.hatch.build.targets.wheel]
packages = ["keisei_plugins_{name}"]
"""
HEAD = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = {api}


@hookimpl
def {hook}():
    {body}
"""


def hooks(body: str, api: str = "(2, 0)", hook: str = "keisei_models") -> str:
    return HEAD.format(api=api, hook=hook, body=body)


def component(name: str, package: str = "") -> str:
    return f"Component(name='{name}', target='keisei_plugins_{package or name}.thing:Thing', summary='a thing')"


BAD = {
    "importing": ("import libfoo", "broken", "ModuleNotFoundError: No module named 'libfoo'"),
    "raising": (hooks("raise OSError('no licence')"), "broken", "OSError: no licence"),
    "leaving": ("import sys; sys.exit(0)", "broken", "SystemExit: 0"),
    "leavinghook": (hooks("raise SystemExit"), "broken", "SystemExit"),
    "future": (hooks("return []", api="(9, 0)"), "incompatible", "needs plugin API 9.0, this keisei has 2.0"),
    "misspelt": (hooks("return []", hook="keisei_modles"), "invalid", "unknown hook 'keisei_modles'"),
    "objecting": (hooks("return [{'name': 'objecting'}]"), "invalid", "must return Component objects, got {'name'"),
    "stammering": (hooks(f"return 2 * [{component('stammering')}]"), "invalid", "declares model 'stammering' twice"),
}
"""Source of the hooks, status, cause: packages that do not load."""
LATE = {
    "absent": ("", "AttributeError: module 'keisei_plugins_absent.thing' has no attribute 'Thing'"),
    "leavinglate": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "needy": ("import libbar", "ModuleNotFoundError: No module named 'libbar'"),
    "failing": ("def Thing(channels): raise OSError('no licence')", "OSError: no licence"),
}
"""Source of the thing itself, cause: packages that load, and fail where they are used."""
FAILING_LATER = {
    "valuing": ("ValueError", "seven"),
    "filing": ("FileNotFoundError", "weights.bin"),
}
"""Exception and text: packages whose network raises when it is used."""
NETWORK = """
import torch


class Thing(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, planes):
        if len(planes) > 1:
            raise {error}("{text}")
        return torch.zeros(len(planes), 2187) + self.weight, torch.zeros(len(planes)) + self.weight
"""
TWINS = ("twina", "twinb")
Called = Callable[..., tuple[int, str]]
TINY = """
run = { plies = 32, threads = 1, device = "cpu" }
model = { name = "baseline", channels = 1 }
selfplay = { games = 4, rollout_plies = 4, max_plies = 20 }
learning = { minibatch = 8 }
evaluation = { final_games = 2, max_plies = 10 }
"""


def packages() -> Iterator[tuple[str, str, str]]:
    """Yields name, source of the hooks, source of the thing."""
    for name, (source, _, _) in BAD.items():
        yield name, source, ""
    for name, (thing, _) in LATE.items():
        yield name, hooks(f"return [{component(name)}]"), thing
    for name, (error, text) in FAILING_LATER.items():
        yield name, hooks(f"return [{component(name)}]"), NETWORK.format(error=error, text=text)
    for name in TWINS:
        yield name, hooks(f"return [{component('twin', name)}]"), ""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which all of them are installed."""
    folder = tmp_path_factory.mktemp("bad")
    for name, source, thing in packages():
        package = folder / name / f"keisei_plugins_{name}"
        package.mkdir(parents=True)
        (folder / name / "pyproject.toml").write_text(PROJECT.format(name=name))
        for file, text in (("__init__", ""), ("hooks", source), ("thing", thing)):
            (package / f"{file}.py").write_text(text)
    install((folder / name for name, _, _ in packages()), folder / "site")
    (folder / "site" / "tiny.toml").write_text(TINY)
    return folder / "site"


def keisei(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "keisei_core", *words], cwd=site, env=os.environ | {"PYTHONPATH": str(site)},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture
def called(site: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Called]:
    """Runs commands that load torch in this process, where it is loaded; returns exit code and stderr."""
    monkeypatch.chdir(site)
    monkeypatch.syspath_prepend(str(site))
    forget_notices()

    def call(*words: str) -> tuple[int, str]:
        return exit_code_of(*words), capfd.readouterr().err

    yield call
    own = {f"keisei_plugins_{name}" for name, _, _ in packages()}
    for module in [module for module in sys.modules if module.partition(".")[0] in own]:
        del sys.modules[module]


@pytest.fixture(scope="module")
def listed(site: Path) -> str:
    done = keisei(site, "plugins", "list")
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("name", list(BAD))
def test_bad_package_is_listed_with_status_and_cause(listed: str, name: str) -> None:
    _, status, cause = BAD[name]
    row = re.search(rf"^keisei-plugins-{name} +0\.4\.2 +\S+ +{status} +(.*)$", listed, re.MULTILINE)

    assert row is not None
    assert cause in row[1]


def test_good_packages_beside_them_are_ok(listed: str) -> None:
    for name in ("features", "resnet", "baseline"):
        assert re.search(rf"^keisei-plugins-{name} .* ok ", listed, re.MULTILINE)
    assert listed.count("twin (conflict)") == 2


def test_run_that_uses_none_of_them_works_and_tells_of_each_once(called: Called) -> None:
    code, said = called("run", "tiny.toml", "--run-dir", "unused")

    assert code == 0, said
    for name, (_, status, _) in BAD.items():
        assert said.count(f"plugin keisei-plugins-{name} 0.4.2 is {status} and takes no part: ") == 1


@pytest.mark.parametrize("name", list(BAD))
def test_package_that_does_not_load_stops_the_run_that_uses_it(site: Path, name: str) -> None:
    done = keisei(site, "run", "tiny.toml", "--model", name, "--run-dir", f"run-{name}")

    _, status, cause = BAD[name]
    assert done.returncode == 3
    place = f"keisei-plugins-{name}:{name} 0.4.2 (keisei_plugins_{name}.hooks) is {status}: "
    assert place in done.stderr
    assert cause in done.stderr.partition(place)[2].splitlines()[0]
    assert not (site / f"run-{name}").exists()


@pytest.mark.parametrize("name", list(LATE))
def test_thing_that_can_not_be_used_stops_the_run_that_uses_it(site: Path, called: Called, name: str) -> None:
    code, said = called("run", "tiny.toml", "--model", name, "--run-dir", f"run-{name}")

    assert code == 3, said
    assert f"model '{name}' of keisei-plugins-{name} 0.4.2 can't be used: " in said
    assert f"keisei_plugins_{name}.thing:Thing: {LATE[name][1]}" in said
    assert f"https://example.org/{name}" in said
    assert not (site / f"run-{name}").exists()


@pytest.mark.parametrize("name", list(FAILING_LATER))
def test_exception_during_a_run_keeps_its_traceback_and_says_whose_it_is(called: Called, name: str) -> None:
    code, said = called("run", "tiny.toml", "--model", name, "--run-dir", f"run-{name}")

    error, text = FAILING_LATER[name]
    assert code == 3, said
    assert f'thing.py", line 12, in forward\n    raise {error}' in said
    assert f"{error}: {text}" in said
    last = said.splitlines()[-1]
    assert last.startswith(
        f"raised in plugin keisei-plugins-{name} 0.4.2 (keisei_plugins_{name}.thing, thing.py:12 in "
    )
    assert last.endswith(f"report it at https://example.org/{name}")


def test_name_of_two_packages_stops_the_run_and_either_can_be_chosen(called: Called) -> None:
    code, said = called("run", "tiny.toml", "--model", "twin")

    assert code == 3
    for name in TWINS:
        assert f"keisei-plugins-{name} 0.4.2 (keisei_plugins_{name}.hooks)" in said
        assert f"'keisei-plugins-{name}:twin'" in said
    _, said = called("run", "tiny.toml", "--model", "keisei-plugins-twinb:twin")
    assert "model 'twin' of keisei-plugins-twinb 0.4.2 can't be used: keisei_plugins_twinb.thing" in said


def test_disabled_package_is_not_imported(called: Called) -> None:
    words = ("run", "tiny.toml", "--run-dir", "disabled", "--set", 'plugins.disable=["leaving", "raising"]')
    code, said = called(*words)

    assert code == 0, said
    assert "keisei-plugins-leaving " not in said
    assert "keisei-plugins-importing " in said
