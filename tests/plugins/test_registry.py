"""A name finds its one component, or the error says what would help."""

from typing import Any

import pytest

from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import Kind

PLANES = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Bundle, Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes():
    for name in ("core46", "check", "last2ply"):
        yield Component(name=name, target=f"planes:{name}", summary="planes")
    yield Bundle(name="all", parts=("last2ply", "check"), summary="every optional one")
"""
MODEL = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    yield Component(name="toy", target="a:b", summary="a toy")
"""


def names(choices: Any) -> list[str]:
    return [choice.name for choice in choices]


def test_name_finds_its_component_and_owner(workshop: Any) -> None:
    workshop.model("toy")

    choice = workshop.registry().resolve(Kind.MODEL, "toy")

    assert (choice.name, str(choice.owner), choice.reference) == (
        "toy", "keisei-plugins-toy 1.2.3", "keisei-plugins-toy:toy",
    )  # fmt: skip


def test_name_of_another_kind_is_unknown(workshop: Any) -> None:
    workshop.model("toy")

    with pytest.raises(ConfigError, match=r"unknown player 'toy'; available: random, checkpoint \(keisei 0"):
        workshop.registry().resolve(Kind.PLAYER, "toy")


def test_unknown_name_gets_the_nearest_and_what_there_is(workshop: Any) -> None:
    workshop.model("toy")
    workshop.model("resnet")

    with pytest.raises(ConfigError) as caught:
        workshop.registry().resolve(Kind.MODEL, "resnt")

    assert str(caught.value) == (
        "unknown model 'resnt'; did you mean 'resnet'? "
        "available: resnet (keisei-plugins-resnet 1.2.3); toy (keisei-plugins-toy 1.2.3)"
    )


def test_unknown_name_tells_of_disabled_plugins(workshop: Any) -> None:
    workshop.model("toy")

    with pytest.raises(ConfigError, match=r"available: none\n  disabled: keisei-plugins-toy:toy$"):
        workshop.registry(["toy"]).resolve(Kind.MODEL, "toy")


def test_name_that_a_broken_plugin_may_have_is_a_plugin_error(workshop: Any) -> None:
    workshop.model("toy")
    workshop.plugin("import torhc", distribution="keisei-plugins-wide", entry="wide")

    with pytest.raises(
        PluginError, match=r"'wide'.*\n  not loaded: keisei-plugins-wide:wide 1.2.3 \(\w+.hooks\) is broken: ModuleN"
    ):
        workshop.registry().resolve(Kind.MODEL, "wide")


def test_slip_of_the_pen_stays_a_config_error_beside_a_broken_plugin(workshop: Any) -> None:
    workshop.model("resnet")
    workshop.plugin("import torhc", distribution="keisei-plugins-wide", entry="wide")

    with pytest.raises(ConfigError, match="did you mean 'resnet'"):
        workshop.registry().resolve(Kind.MODEL, "resnt")


def test_name_of_two_owners_must_say_which(workshop: Any) -> None:
    one = workshop.model("toy", distribution="keisei-plugins-a")
    two = workshop.model("toy", distribution="keisei-plugins-b")
    registry = workshop.registry()

    with pytest.raises(PluginError) as caught:
        registry.resolve(Kind.MODEL, "toy")
    assert str(caught.value) == (
        f"model 'toy': provided by keisei-plugins-a 1.2.3 ({one}.hooks) and keisei-plugins-b 1.2.3 ({two}.hooks); "
        "write 'keisei-plugins-a:toy' or 'keisei-plugins-b:toy'"
    )

    choice = registry.resolve(Kind.MODEL, "keisei_plugins_B:toy")
    assert (choice.owner.distribution, choice.reference) == ("keisei-plugins-b", "keisei-plugins-b:toy")


BUNDLE = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Bundle, Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_feature_planes():
    yield Component(name="pawns", target="planes:pawns", summary="planes")
    yield Bundle(name="check", parts=("pawns",), summary="a bundle that is called like somebody's planes")
"""


def test_bundle_called_like_somebodys_planes_is_no_silent_choice(workshop: Any) -> None:
    workshop.plugin(PLANES, distribution="keisei-plugins-a")
    workshop.plugin(BUNDLE, distribution="keisei-plugins-b")
    registry = workshop.registry()

    with pytest.raises(PluginError, match=r"'check': provided by keisei-plugins-a .* and keisei-plugins-b"):
        registry.resolve_features("check")

    assert names(registry.resolve_features("keisei-plugins-a:check+keisei-plugins-b:check")) == ["check", "pawns"]


def test_name_that_one_distribution_has_twice_says_what_to_disable(workshop: Any) -> None:
    workshop.model("toy", distribution="keisei-plugins-a")
    workshop.plugin(MODEL, distribution="keisei-plugins-a", entry="other")

    with pytest.raises(PluginError, match=r"keep one .*disable = \[\"keisei-plugins-a:toy\"\]"):
        workshop.registry().resolve(Kind.MODEL, "keisei-plugins-a:toy")


def test_broken_plugin_called_like_the_name_is_the_one_meant(workshop: Any) -> None:
    workshop.model("wider")
    workshop.plugin("import torhc", distribution="keisei-plugins-wide", entry="some")

    for reference in ("wide", "keisei-plugins-wide:wider"):
        with pytest.raises(PluginError, match=r"keisei-plugins-wide:some 1\.2\.3"):
            workshop.registry().resolve(Kind.MODEL, reference)


def test_plugin_taken_out_leaves_the_other_owner(workshop: Any) -> None:
    workshop.model("toy", distribution="keisei-plugins-a")
    workshop.model("toy", distribution="keisei-plugins-b")

    choice = workshop.registry().without(["keisei-plugins-a"]).resolve(Kind.MODEL, "toy")

    assert choice.owner.distribution == "keisei-plugins-b"


def test_sum_keeps_the_order_written(workshop: Any) -> None:
    workshop.plugin(PLANES)

    assert names(workshop.registry().resolve_features("last2ply + core46")) == ["last2ply", "core46"]


def test_bundle_is_taken_apart_in_its_own_order(workshop: Any) -> None:
    workshop.plugin(PLANES)

    chosen = workshop.registry().resolve_features("core46+all")

    assert [choice.name for choice in chosen] == ["core46", "last2ply", "check"]


def test_bundle_with_distribution_keeps_it_in_its_parts(workshop: Any) -> None:
    workshop.plugin(PLANES, distribution="keisei-plugins-a")
    workshop.plugin(PLANES, distribution="keisei-plugins-b")
    registry = workshop.registry()

    chosen = registry.resolve_features("keisei-plugins-b:all")

    assert [choice.reference for choice in chosen] == ["keisei-plugins-b:last2ply", "keisei-plugins-b:check"]
    with pytest.raises(PluginError, match=r"'all': provided by keisei-plugins-a 1.2.3 .* and keisei-plugins-b"):
        registry.resolve_features("all")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("core46+check+core46", "feature planes 'core46' stand twice in 'core46\\+check\\+core46'"),
        ("core46+check+all", "feature planes 'check' stand twice"),
        ("core46+keisei-plugins-toy:core46", "feature planes 'core46' stand twice"),
        ("core46+", "expected names joined by \\+, got an empty one; available: core46, check, last2ply, all"),
        ("", "got an empty one"),
    ],
)
def test_bad_sum_is_refused(workshop: Any, text: str, message: str) -> None:
    workshop.plugin(PLANES)

    with pytest.raises(ConfigError, match=message):
        workshop.registry().resolve_features(text)


def test_all_unknown_names_of_a_sum_are_told(workshop: Any) -> None:
    workshop.plugin(PLANES)

    with pytest.raises(ConfigError) as caught:
        workshop.registry().resolve_features("core46+chek+last3ply")

    assert len(caught.value.problems) == 2
