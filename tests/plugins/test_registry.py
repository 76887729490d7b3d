"""A name finds its one component, or the error says what would help."""

from typing import Any

import pytest

from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import Kind

PLANES = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Bundle, Component

KEISEI_PLUGIN_API = (1, 0)


@hookimpl
def keisei_feature_planes():
    for name in ("core46", "check", "last2ply"):
        yield Component(name=name, target=f"planes:{name}", summary="planes")
    yield Bundle(name="all", parts=("last2ply", "check"), summary="every optional one")
"""


def names(choices: Any) -> list[str]:
    return [choice.name for choice in choices]


def test_name_finds_its_component_and_owner(workshop: Any) -> None:
    workshop.model("toy")

    choice = workshop.registry().resolve(Kind.MODEL, "toy")

    assert (choice.name, str(choice.owner), choice.reference) == ("toy", "keisei-plugins-toy 1.2.3", "toy")


def test_name_of_another_kind_is_unknown(workshop: Any) -> None:
    workshop.model("toy")

    with pytest.raises(ConfigError, match=r"unknown player 'toy'; available: random \(keisei 0"):
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
        PluginError, match=r"'wide'.*\n  not loaded: keisei-plugins-wide:wide 1.2.3: ModuleNotFoundError"
    ):
        workshop.registry().resolve(Kind.MODEL, "wide")


def test_slip_of_the_pen_stays_a_config_error_beside_a_broken_plugin(workshop: Any) -> None:
    workshop.model("resnet")
    workshop.plugin("import torhc", distribution="keisei-plugins-wide", entry="wide")

    with pytest.raises(ConfigError, match="did you mean 'resnet'"):
        workshop.registry().resolve(Kind.MODEL, "resnt")


def test_name_of_two_owners_must_say_which(workshop: Any) -> None:
    workshop.model("toy", distribution="keisei-plugins-a")
    workshop.model("toy", distribution="keisei-plugins-b")
    registry = workshop.registry()

    expected = "'toy' is provided by keisei-plugins-a and keisei-plugins-b; write 'keisei-plugins-a:toy'"
    with pytest.raises(ConfigError, match=f"^{expected}$"):
        registry.resolve(Kind.MODEL, "toy")

    choice = registry.resolve(Kind.MODEL, "keisei_plugins_B:toy")
    assert (choice.owner.distribution, choice.reference) == ("keisei-plugins-b", "keisei_plugins_B:toy")


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

    assert [choice.reference for choice in chosen] == ["core46", "last2ply", "check"]


def test_bundle_with_distribution_keeps_it_in_its_parts(workshop: Any) -> None:
    workshop.plugin(PLANES, distribution="keisei-plugins-a")
    workshop.plugin(PLANES, distribution="keisei-plugins-b")
    registry = workshop.registry()

    chosen = registry.resolve_features("keisei-plugins-b:all")

    assert [choice.reference for choice in chosen] == ["keisei-plugins-b:last2ply", "keisei-plugins-b:check"]
    with pytest.raises(ConfigError, match="'all' is provided by keisei-plugins-a and keisei-plugins-b"):
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
