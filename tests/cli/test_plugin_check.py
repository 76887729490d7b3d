"""`keisei plugins check`: what can be found out about a plugin without training."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def {hook}():
    return [Component(name="it", target="{{module}}.thing:Thing", summary="it"{more})]
"""


@pytest.fixture(autouse=True)
def _no_kit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves out the kit, which loads torch, but where a test asks for it in a process of its own."""
    monkeypatch.setattr("keisei_core.cli.plugin_check._kit_checks", lambda choice: [])


def hooks(hook: str, more: str = "") -> str:
    return HOOKS.format(hook=hook, more=more)


def test_good_plugin_passes_and_checks_are_counted(keisei: Any) -> None:
    code, out, _ = keisei("plugins", "check", "toy")

    assert (code, out) == (0, "keisei-plugins-toy 1.2.3  model toy  ok  1 check\n1 subject, 1 check, 0 failed\n")


@pytest.mark.parametrize(
    ("thing", "complaint"),
    [
        ("import no_such_thing", "No module named 'no_such_thing'"),
        ("Thing = 3", "must be callable, got 3"),
        ("def Thing(): pass", "must take 1 argument, its signature is ()"),
        ("def Thing(a, b): pass", "must take 1 argument"),
        ("import sys\nsys.exit()", "SystemExit"),
    ],
)
def test_target_that_can_not_be_used_fails_and_exits_3(keisei: Any, workshop: Any, thing: str, complaint: str) -> None:
    workshop.plugin(hooks("keisei_players"), distribution="keisei-plugins-it", entry="i", files={"thing": thing})

    code, out, _ = keisei("plugins", "check", "it")

    assert code == 3
    assert "keisei-plugins-it 1.2.3  player it  failed" in out
    assert complaint in out
    assert out.endswith("1 failed\n")


def test_plugin_that_does_not_load_fails_by_itself(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-broken", entry="broken")

    code, out, _ = keisei("plugins", "check", "--json")

    results = {result["plugin"]: result for result in json.loads(out)["results"]}
    assert code == 3
    assert results["keisei-plugins-broken 1.2.3"]["status"] == "failed"
    assert "ZeroDivisionError" in results["keisei-plugins-broken 1.2.3"]["problems"][0]
    assert results["keisei-plugins-toy 1.2.3"]["status"] == "ok"


def test_disabled_plugin_is_told_and_is_no_failure(keisei: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEISEI_DISABLE_PLUGINS", "toy")

    code, out, _ = keisei("plugins", "check", "keisei-plugins-toy")

    assert code == 0
    assert out.startswith("keisei-plugins-toy 1.2.3  toy  disabled  0 checks\n")


BAD_MODEL = """
import torch


class Thing(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()

    def forward(self, planes):
        return torch.zeros(len(planes), 81), torch.zeros(len(planes))
"""


def test_quick_checks_of_the_kit_are_run(workshop: Any) -> None:
    workshop.plugin(hooks("keisei_models"), distribution="keisei-plugins-it", entry="i", files={"thing": BAD_MODEL})

    done = subprocess.run(
        [sys.executable, "-m", "keisei_core", "plugins", "check", "it"],
        env=os.environ | {"PYTHONPATH": str(workshop.folder)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert done.returncode == 3
    assert "shapes: ContractError: " in done.stdout
