"""A hook that will go: plugins that implement it load, and their users hear what to use instead."""

from types import ModuleType
from typing import Any

import pluggy
import pytest

from keisei_core.plugins import Kind, Plugin, Status, hookspecs
from keisei_core.plugins.deprecation import deprecated

hookspec = pluggy.HookspecMarker("keisei")
TOLD = "implements keisei_models, which goes in plugin API 3.0; use keisei_networks instead"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marks keisei_models as a hook that will go."""
    fake = ModuleType("fake_hookspecs")
    fake.__dict__.update(vars(hookspecs))

    def keisei_models() -> None:
        raise NotImplementedError

    mark = deprecated("keisei_models", instead="keisei_networks", gone_in=(3, 0))
    fake.keisei_models = hookspec(warn_on_impl=mark)(keisei_models)  # type: ignore[attr-defined]
    monkeypatch.setattr("keisei_core.plugins.declarations.hookspecs", fake)


@pytest.mark.usefixtures("marked")
def test_plugin_that_implements_it_loads_and_is_warned_of(workshop: Any) -> None:
    workshop.model("toy")

    (plugin,) = (one for one in workshop.registry().plugins if one.entry == "toy")

    assert (plugin.status, plugin.warnings) == (Status.OK, (TOLD,))
    assert workshop.registry().resolve(Kind.MODEL, "toy").name == "toy"


@pytest.mark.usefixtures("marked")
def test_plugin_that_is_disabled_is_not_warned_of(workshop: Any) -> None:
    workshop.model("toy")

    plugins: tuple[Plugin, ...] = workshop.registry().without(["toy"]).plugins

    assert [plugin.warnings for plugin in plugins if plugin.entry == "toy"] == [()]


def test_without_a_mark_nobody_is_warned_of(workshop: Any) -> None:
    workshop.model("toy")

    assert {plugin.warnings for plugin in workshop.registry().plugins} == {()}
