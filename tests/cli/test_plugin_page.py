"""`keisei plugins show NAME`: where a component comes from, how it is chosen, and what its options are."""

import json
from typing import Any, Literal

import pytest

from keisei_core.config.types import type_words

STARTS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_starts():
    return [Component(name="gambit", target="a:b", summary="a pawn less", options="{module}.options:Options")]
"""


@pytest.mark.parametrize("name", ["toy", "keisei-plugins-toy", "Keisei_Plugins_Toy", "keisei-plugins-toy:toy"])
def test_page_shows_owner_use_and_options_with_types_defaults_and_meaning(keisei: Any, name: str) -> None:
    code, out, err = keisei("plugins", "show", name)

    assert (code, err) == (0, "")
    lines = [line.strip() for line in out.splitlines()]
    assert lines[0] == "keisei-plugins-toy 1.2.3: ok, plugin API 2.0"
    assert "https://example.org/keisei-plugins-toy" in lines
    assert "model toy: a toy" in lines
    assert '[model] name = "toy"' in lines
    assert lines[-3:] == [
        "depth = 2           integer        how deep",
        "ratio = 0.5         number         how wide",
        "deep_heads = false  true or false  whether heads are deep",
    ]


def test_component_of_a_plugin_with_several_is_shown_alone(keisei: Any) -> None:
    _, out, _ = keisei("plugins", "show", "fancy")

    assert "features fancy" in out
    assert "features plain" not in out
    assert '[input] features = "core46+fancy"' in out


def test_options_of_a_start_stand_behind_its_name(keisei: Any, workshop: Any) -> None:
    options = "import attrs\n\n@attrs.frozen\nclass Options:\n    plies: int = 4\n"
    workshop.plugin(STARTS, distribution="keisei-plugins-gambit", entry="gambit", files={"options": options})

    _, out, _ = keisei("plugins", "show", "gambit")

    lines = [line.strip() for line in out.splitlines()]
    assert '[selfplay] starts = ["startpos", "gambit"]' in lines
    assert any(line.startswith("options behind its name, gambit:key=value, workshop_") for line in lines)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("ppo", "asks for the columns log_prob float32 [], value float32 [], is_drawn bool []"),
        ("keisei:policy", "gives the columns log_prob float32 [], value float32 []"),
    ],
)
def test_columns_of_algorithms_and_deciders_are_shown(keisei: Any, name: str, line: str) -> None:
    code, out, _ = keisei("plugins", "show", name)

    assert code == 0
    assert f"  {line}\n" in out


def test_algorithm_that_can_not_be_loaded_is_shown_without_its_columns(keisei: Any, workshop: Any) -> None:
    hooks = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_algorithms():
    return [Component(name="{name}", target="{module}.gone:Gone", summary="not there")]
"""
    workshop.plugin(hooks, distribution="keisei-plugins-lost", entry="lost", name="lost")

    code, out, _ = keisei("plugins", "show", "lost")

    assert code == 0
    assert "algorithm lost: not there" in out
    assert "columns" not in out


def test_name_of_two_owners_shows_both_and_how_to_write_each(keisei: Any, workshop: Any) -> None:
    workshop.model("toy", distribution="keisei-plugins-copy")

    _, out, _ = keisei("plugins", "show", "toy")

    assert 'name = "keisei-plugins-copy:toy"' in out
    assert 'name = "keisei-plugins-toy:toy"' in out


def test_broken_plugin_is_shown_with_its_traceback(keisei: Any, workshop: Any) -> None:
    workshop.plugin("1 / 0", distribution="keisei-plugins-broken", entry="broken")

    code, out, _ = keisei("plugins", "show", "keisei-plugins-broken")

    assert code == 0
    assert out.startswith("keisei-plugins-broken 1.2.3: broken\n  ZeroDivisionError: division by zero\n")
    assert "Traceback (most recent call last)" in out


def test_options_that_can_not_be_read_are_told_and_stop_nothing(keisei: Any, workshop: Any) -> None:
    workshop.model("odd", options="1 / 0")

    code, out, _ = keisei("plugins", "show", "odd")

    assert code == 0
    assert "options can't be read: model 'odd' of keisei-plugins-odd 1.2.3" in out


def test_unknown_name_gets_the_nearest_and_exit_2(keisei: Any) -> None:
    code, _, err = keisei("plugins", "show", "tyo")

    assert code == 2
    assert err == "keisei: error: no plugin and no component is called 'tyo'; did you mean 'toy'?\n"


def test_name_near_to_none_is_told_where_all_stand(keisei: Any) -> None:
    told = "no plugin and no component is called 'qqqq'; keisei plugins list has all there are"

    assert keisei("plugins", "show", "qqqq") == (2, "", f"keisei: error: {told}\n")


def test_json_has_the_same(keisei: Any) -> None:
    _, out, _ = keisei("plugins", "show", "toy", "--json")

    data = json.loads(out)
    (plugin,) = data["plugins"]
    (component,) = plugin["components"]
    assert (data["schema"], plugin["version"], component["use"]) == (1, "1.2.3", '[model] name = "toy"')
    assert component["options"][0] == {"name": "depth", "type": "integer", "default": 2, "help": "how deep"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (int, "integer"),
        (float | None, "number, or absent"),
        (int | str, "integer or text"),
        (tuple[str, ...], "list of text"),
        (Literal["fast", "slow"], "fast | slow"),
        (dict[str, int], "table"),
    ],
)
def test_types_are_named_in_words(kind: Any, words: str) -> None:
    assert type_words(kind) == words
