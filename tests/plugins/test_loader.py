"""The loader isolates: whatever one plugin does, it is told as a status, and its neighbour loads."""

import re
import shutil
import sys
from typing import Any

import pytest

from keisei_core.plugins import Kind, Plugin, Status
from keisei_core.plugins.ctrl_c import noting_ctrl_c
from keisei_core.plugins.loader import load_plugins

HEAD = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Bundle, Component
KEISEI_PLUGIN_API = (2, 0)
"""
TOY = 'Component(name="toy", target="toy:Toy", summary="a toy")'


def hook(body: str, name: str = "keisei_models", arguments: str = "") -> str:
    return f"{HEAD}\n@hookimpl\ndef {name}({arguments}):\n    {body}\n"


def only(plugins: tuple[Plugin, ...], distribution: str) -> Plugin:
    (plugin,) = [plugin for plugin in plugins if plugin.owner.distribution == distribution]
    return plugin


def test_good_plugin_is_ok_with_owner_api_and_components(workshop: Any) -> None:
    module = workshop.model("toy")

    plugin = only(load_plugins(entries=workshop.entries()), "keisei-plugins-toy")

    assert plugin.status is Status.OK
    assert (str(plugin.owner), plugin.owner.url) == (
        "keisei-plugins-toy 1.2.3",
        "https://example.org/keisei-plugins-toy",
    )
    assert plugin.api == (2, 0)
    assert plugin.provided() == ((Kind.MODEL, "toy", "a toy"),)
    assert plugin.location.endswith(f"{module}/hooks.py")
    assert f"{module}.thing" not in sys.modules


BROKEN, INVALID, INCOMPATIBLE = Status.BROKEN, Status.INVALID, Status.INCOMPATIBLE


@pytest.mark.parametrize(
    ("source", "status", "cause"),
    [
        pytest.param(
            "import no_such_thing", BROKEN, "ModuleNotFoundError: No module named 'no_such_thing'", id="import"
        ),
        pytest.param("def (", BROKEN, "SyntaxError", id="syntax"),
        pytest.param("import sys\nsys.exit(3)", BROKEN, "SystemExit: 3", id="exit-at-import"),
        pytest.param("raise KeyboardInterrupt", BROKEN, "KeyboardInterrupt", id="interrupt-at-import"),
        pytest.param(hook("raise ValueError('one\\ntwo')"), BROKEN, "ValueError: one", id="hook-raises"),
        pytest.param(hook("raise SystemExit"), BROKEN, "SystemExit", id="hook-exits"),
        pytest.param(
            "class Way(BaseException): pass\nraise Way('out')", BROKEN, "Way: out", id="exception-of-no-common-kind"
        ),
        pytest.param(
            "class Mute(Exception):\n    def __str__(self): 1 / 0\nraise Mute", BROKEN, "^Mute$", id="mute-exception"
        ),
        pytest.param(hook(f"yield {TOY}; 1 / 0"), BROKEN, "ZeroDivisionError", id="generator-fails-midway"),
        pytest.param("", INVALID, "has no KEISEI_PLUGIN_API; add", id="no-api"),
        pytest.param("KEISEI_PLUGIN_API = '1.0'", INVALID, "must be a pair of integers, got '1.0'", id="api-text"),
        pytest.param("KEISEI_PLUGIN_API = (True, 0)", INVALID, "must be a pair of integers", id="api-bool"),
        pytest.param("KEISEI_PLUGIN_API = (3, 0)", INCOMPATIBLE, "needs plugin API 3.0, this keisei has", id="newer"),
        pytest.param("KEISEI_PLUGIN_API = (2, 999)", INCOMPATIBLE, "upgrade keisei", id="newer-minor"),
        pytest.param("KEISEI_PLUGIN_API = (1, 9)", INCOMPATIBLE, "upgrade keisei-plugins-toy", id="older"),
        pytest.param(
            hook("return []", "keisei_model"), INVALID, "unknown hook 'keisei_model' .*'keisei_models'", id="misspelt"
        ),
        pytest.param(hook("return []", arguments="x=1"), INVALID, "takes no arguments, but asks for x", id="default"),
        pytest.param(hook("return []", arguments="depth"), INVALID, "depth", id="unknown-argument"),
        pytest.param(hook("return None"), INVALID, "must return a list of Component, got None", id="returns-none"),
        pytest.param(hook(f"return {TOY}"), INVALID, "must return a list of Component", id="returns-one"),
        pytest.param(
            hook("import itertools; return itertools.repeat(None)"), INVALID, "must come to an end", id="endless"
        ),
        pytest.param(hook("return ['toy']"), INVALID, "must return Component objects, got 'toy'", id="returns-text"),
        pytest.param(
            hook("return [Component(name='Toy', target='a:b', summary='s')]"), INVALID, "got 'Toy'", id="name"
        ),
        pytest.param(
            hook("return [Component(name='toy', target='a.b', summary='s')]"), INVALID, "target must be", id="target"
        ),
        pytest.param(
            hook("return [Component(name='toy', target='a:b', summary='')]"), INVALID, "summary must be", id="summary"
        ),
        pytest.param(hook(f"return [{TOY}, {TOY}]"), INVALID, "declares model 'toy' twice", id="twice"),
        pytest.param(
            hook("return [Bundle(name='all', parts=('x',), summary='s')]", "keisei_feature_planes"),
            INVALID,
            "bundle 'all' must list planes of this plugin",
            id="bundle-of-strangers",
        ),
        pytest.param(
            hook("return [Bundle(name='all', parts=('x',), summary='s')]"),
            INVALID,
            "Component objects",
            id="bundle-kind",
        ),
        pytest.param(
            f"{HEAD}\n@hookimpl(wrapper=True)\ndef keisei_models():\n    yield\n",
            INVALID,
            "not a wrapper",
            id="wrapper",
        ),
    ],
)
def test_bad_plugin_gets_status_and_cause_and_stops_nobody(
    workshop: Any, source: str, status: Status, cause: str
) -> None:
    workshop.plugin(source)
    workshop.model("neighbour")

    with noting_ctrl_c():
        plugins = load_plugins(entries=workshop.entries())

    bad = only(plugins, "keisei-plugins-toy")
    assert bad.status is status
    assert re.search(cause, bad.cause), bad.cause
    assert "\n" not in bad.cause
    assert bad.provided() == ()
    assert only(plugins, "keisei-plugins-neighbour").status is Status.OK


def test_broken_plugin_keeps_its_traceback(workshop: Any) -> None:
    module = workshop.plugin("raise ValueError('deep down')")

    (plugin,) = load_plugins(entries=workshop.entries())

    assert f"{module}/hooks.py" in plugin.traceback
    assert "ValueError: deep down" in plugin.traceback


def test_entry_point_of_an_attribute_is_invalid(workshop: Any) -> None:
    workshop.plugin("KEISEI_PLUGIN_API = (2, 0)")
    card = next(workshop.folder.glob("*.dist-info")) / "entry_points.txt"
    card.write_text(card.read_text().replace(".hooks", ".hooks:KEISEI_PLUGIN_API"))

    (plugin,) = load_plugins(entries=workshop.entries())

    assert (plugin.status, plugin.cause) == (Status.INVALID, "entry point must name a module, got (2, 0)")


@pytest.mark.parametrize("name", ["keisei-plugins-toy", "Keisei_Plugins.toy", "toy", "keisei-plugins-toy:toy", "*"])
def test_disabled_plugin_is_listed_and_never_imported(workshop: Any, name: str) -> None:
    module = workshop.model("toy")

    (plugin,) = load_plugins([name], workshop.entries())

    assert (plugin.status, plugin.provided()) == (Status.DISABLED, ())
    assert f"{module}.hooks" not in sys.modules


def test_environment_variable_disables_by_commas(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    workshop.model("one")
    workshop.model("two")
    workshop.model("three")
    monkeypatch.setenv("KEISEI_DISABLE_PLUGINS", "one, keisei-plugins-three,")

    statuses = [plugin.status for plugin in load_plugins(entries=workshop.entries())]

    assert statuses == [Status.DISABLED, Status.DISABLED, Status.OK]


def test_star_leaves_the_cores_own_plugin(workshop: Any) -> None:
    workshop.model("toy")

    statuses = {plugin.owner.distribution: plugin.status for plugin in workshop.registry(["*"]).plugins}

    disabled = {"keisei-plugins-ppo": Status.DISABLED, "keisei-plugins-toy": Status.DISABLED}
    assert statuses == {"keisei": Status.OK, **disabled}


def statuses_of(plugins: tuple[Plugin, ...]) -> dict[str, Status]:
    return {plugin.owner.distribution: plugin.status for plugin in plugins}


@pytest.mark.parametrize("name", ["keisei-plugins-one", "one", "Keisei_Plugins.one"])
def test_only_those_named_take_part_beside_what_comes_with_keisei(workshop: Any, name: str) -> None:
    workshop.model("one")
    module = workshop.model("two")

    statuses = statuses_of(load_plugins(entries=workshop.all_entries(), only=[name]))

    bundled = {"keisei": Status.OK, "keisei-plugins-ppo": Status.OK}
    assert statuses == {**bundled, "keisei-plugins-one": Status.OK, "keisei-plugins-two": Status.DISABLED}
    assert f"{module}.hooks" not in sys.modules


def test_environment_variable_allows_by_commas_and_disabling_wins(
    workshop: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "three"):
        workshop.model(name)
    monkeypatch.setenv("KEISEI_ONLY_PLUGINS", "one, keisei-plugins-three,")
    monkeypatch.setenv("KEISEI_DISABLE_PLUGINS", "one")

    statuses = [plugin.status for plugin in load_plugins(entries=workshop.entries())]

    assert statuses == [Status.DISABLED, Status.OK, Status.DISABLED]


def test_of_left_over_metadata_the_first_found_counts(workshop: Any) -> None:
    workshop.model("toy")
    card = next(workshop.folder.glob("*.dist-info"))
    other = shutil.copytree(card, card.with_name("keisei_plugins_toy-1.2.4.dist-info"))
    (other / "METADATA").write_text((card / "METADATA").read_text().replace("1.2.3", "1.2.4"))
    by_version = {entry.dist.version: entry for entry in workshop.entries()}

    (plugin,) = load_plugins(entries=[by_version["1.2.4"], by_version["1.2.3"]])

    assert (plugin.owner.version, plugin.status) == ("1.2.4", Status.OK)


def test_two_entry_points_of_one_distribution_are_two_plugins(workshop: Any) -> None:
    workshop.plugin(hook(f"return [{TOY}]"), entry="good")
    workshop.plugin("1 / 0", entry="bad")

    plugins = load_plugins(entries=workshop.entries())

    assert [(plugin.name, plugin.status) for plugin in plugins] == [
        ("keisei-plugins-toy:bad", Status.BROKEN),
        ("keisei-plugins-toy:good", Status.OK),
    ]


def test_distribution_without_metadata_is_called_like_its_folder(workshop: Any) -> None:
    workshop.model("toy")
    (next(workshop.folder.glob("*.dist-info")) / "METADATA").unlink()

    (plugin,) = load_plugins(entries=workshop.entries())

    assert (str(plugin.owner), plugin.status) == ("keisei-plugins-toy 1.2.3", Status.OK)


def test_what_a_plugin_prints_goes_to_stderr(workshop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    workshop.plugin(f"print('hello')\n{hook('return []')}")

    load_plugins(entries=workshop.entries())

    assert capsys.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("raise KeyboardInterrupt", "EndedError: raised KeyboardInterrupt"),
        ("import os; os._exit(9)", "EndedError: called os._exit(9)"),
        ("from os import _exit; _exit(0)", "EndedError: called os._exit(0)"),
        ("class Odd(Exception):\n    def __str__(self): raise SystemExit(0)\nraise Odd", "Odd"),
    ],
)
def test_plugin_that_means_to_end_the_process_is_broken(workshop: Any, source: str, cause: str) -> None:
    workshop.plugin(source)

    (plugin,) = load_plugins(entries=workshop.entries())

    assert (plugin.status, plugin.cause) == (Status.BROKEN, cause)


def test_plugin_may_fork_and_end_what_it_forked(workshop: Any) -> None:
    fork = "import os\nchild = os.fork()\nif not child: os._exit(7)\nstatus = os.waitpid(child, 0)[1]\n"
    module = workshop.plugin(f"{fork}{hook('return []')}")

    (plugin,) = load_plugins(entries=workshop.entries())

    assert plugin.status is Status.OK
    assert sys.modules[f"{module}.hooks"].status >> 8 == 7


def test_ctrl_c_while_loading_is_not_swallowed(workshop: Any) -> None:
    workshop.plugin("import os, signal\nos.kill(os.getpid(), signal.SIGINT)")

    with pytest.raises(KeyboardInterrupt):
        load_plugins(entries=workshop.entries())


def test_ctrl_c_while_a_plugin_is_imported_is_the_users(workshop: Any) -> None:
    workshop.plugin("import signal\nsignal.raise_signal(signal.SIGINT)")

    with noting_ctrl_c(), pytest.raises(KeyboardInterrupt):
        load_plugins(entries=workshop.entries())
