"""What a plugin's users hear though it loads: once for each command, and wherever plugins are looked at."""

import json
from typing import Any

import attrs
import pytest

from keisei_core.plugins.declarations import Declarations, declarations

TOLD = "implements keisei_old, which goes in plugin API 3.0; use keisei_new instead"


@pytest.fixture(autouse=True)
def warned_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the toy be warned of, which tests/plugins shows for hooks; the kit, which loads torch, is left out."""
    monkeypatch.setattr("keisei_core.cli.plugin_check._kit_checks", lambda choice: [])

    def warned(*arguments: Any) -> Declarations:
        found = declarations(*arguments)
        is_toy = any(component.name == "toy" for _, component in found.components)
        return attrs.evolve(found, warnings=(TOLD,)) if is_toy else found

    monkeypatch.setattr("keisei_core.plugins.isolation.declarations", warned)


@pytest.mark.parametrize("command", ["run", "check", "resume"])
def test_whoever_runs_a_command_is_told_once(keisei: Any, command: str) -> None:
    err = keisei(command, *["somewhere"] * (command == "resume"))[2]

    assert err.count(f"keisei: warning: plugin keisei-plugins-toy 1.2.3: {TOLD}\n") == 1
    assert err.count(TOLD) == 1


def test_list_and_page_show_it(keisei: Any) -> None:
    assert TOLD not in keisei("plugins", "list")[1]
    assert f"    warning: {TOLD}\n" in keisei("plugins", "list", "--verbose")[1]
    assert f"  warning: {TOLD}\n" in keisei("plugins", "show", "toy")[1]
    listed = json.loads(keisei("plugins", "list", "--json")[1])["plugins"]
    assert [plugin["warnings"] for plugin in listed if plugin["entry"] == "toy"] == [[TOLD]]


def test_check_tells_it_and_does_not_fail_for_it(keisei: Any) -> None:
    out = keisei("plugins", "check", "toy")[1]

    assert f"keisei-plugins-toy 1.2.3  toy  warned  0 checks\n    {TOLD}\n" in out
    assert "keisei-plugins-toy 1.2.3  model toy  " in out
