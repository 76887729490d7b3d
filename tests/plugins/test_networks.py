"""Networks that come with plugins: their names, whose they are, and what players and paths make of them."""

from pathlib import Path
from typing import Any

import pytest

from keisei_core.config.paths import from_anywhere, is_named
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import Registry, load_registry
from keisei_core.plugins.networks import named_network, named_networks
from keisei_core.plugins.players import full_player, parse_player, player_choice, player_text
from keisei_core.plugins.reading import read_settings

HOOKS = """
KEISEI_PLUGIN_API = (2, 0)
KEISEI_NETWORKS = {declared}
"""
TEXTS = ("keisei:", "keisei:temperature=1", "keisei-plugins-networks:keisei:simulations=64")


def brings(workshop: Any, declared: str = '{"{name}": "weights"}', name: str = "mine", owner: str = "toy") -> Registry:
    """A plugin that declares networks, beside all that is installed."""
    hooks = HOOKS.replace("{declared}", declared)
    workshop.plugin(hooks, name=name, distribution=f"keisei-plugins-{owner}", entry=owner)
    return load_registry()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("keisei:", True),
        ("keisei-plugins-networks:keisei:", True),
        ("keisei", False),
        ("runs/keisei:", False),
        ("mine:best", False),
        ("/tmp/keisei:", False),
        (":", False),
    ],
)
def test_form_of_a_name_is_no_path(text: str, answer: bool) -> None:
    assert is_named(text) == is_named(Path(text)) == answer
    assert (from_anywhere(text) == text) == (answer or text.startswith("/"))


def test_network_of_a_plugin_is_found_beside_its_hooks(workshop: Any) -> None:
    found = named_network("mine:", brings(workshop))

    assert found == named_network("keisei-plugins-toy:mine:", load_registry())
    assert (found.text, found.folder.name) == ("keisei-plugins-toy:mine:", "weights")
    assert (found.folder.parent / "hooks.py").is_file()


def test_name_that_keisei_has_stays_its_own(workshop: Any) -> None:
    registry = brings(workshop, name="keisei")

    assert named_network("keisei:", registry).owner.distribution == "keisei-plugins-networks"
    assert named_network("keisei-plugins-toy:keisei:", registry).owner.version == "1.2.3"


def test_name_of_two_packages_is_told_with_how_to_choose(workshop: Any) -> None:
    brings(workshop)
    with pytest.raises(PluginError, match="write keisei-plugins-a:mine: or keisei-plugins-toy:mine:"):
        named_network("mine:", brings(workshop, owner="a"))


def test_network_of_a_disabled_plugin_is_gone(workshop: Any) -> None:
    registry = brings(workshop).without(["keisei-plugins-toy"])

    assert "mine" not in [network.name for network in named_networks(registry)]


@pytest.mark.parametrize("declared", ['{"Mine": "weights"}', "['mine']", "3"])
def test_wrong_declaration_is_blamed_on_its_package(workshop: Any, declared: str) -> None:
    with pytest.raises(PluginError, match=r"keisei-plugins-toy 1\.2\.3: KEISEI_NETWORKS must be folders by the names"):
        list(named_networks(brings(workshop, declared)))


@pytest.mark.parametrize("text", ["keisie:", "keisie:simulations=64", "checkpoint:path=keisie:", "keisei-x:keisei:"])
def test_wrong_name_is_told_with_what_there_is(text: str) -> None:
    with pytest.raises(ConfigError, match=r"no plugin brings a network '.*there is keisei: \(keisei-plugins-networks"):
        player_choice(text, load_registry())


def test_wrong_name_in_a_config_is_told_as_it_is_read() -> None:
    with pytest.raises(ConfigError, match=r"\[evaluation\] no plugin brings a network 'keisie:'; did you mean") as told:
        read_settings(None, [("evaluation.opponent", "keisie:")])

    assert len(told.value.problems) == 1


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("keisei:", "checkpoint", {"path": "keisei:"}),
        ("keisei:temperature=1", "checkpoint", {"path": "keisei:", "temperature": 1}),
        ("a-b:keisei:temperature=1", "checkpoint", {"path": "a-b:keisei:", "temperature": 1}),
        ("keisei:random", "keisei:random", {}),
        ("random:depth=1", "random", {"depth": 1}),
    ],
)
def test_name_stands_where_a_path_may(text: str, name: str, options: dict[str, object]) -> None:
    assert parse_player(text, {"random"}, {"keisei", "random"}) == (name, options)


@pytest.mark.parametrize("text", TEXTS)
def test_player_is_written_so_that_it_is_found_again(text: str) -> None:
    registry = load_registry()
    choice = player_choice(text, registry)

    for written in (player_text(choice), full_player(text, choice, registry)):
        assert player_choice(written, registry) == choice


def test_opponent_of_a_config_is_the_network_with_its_options() -> None:
    settings = read_settings(None, [("evaluation.opponent", "keisei:temperature=1")])

    assert settings.to_document()["evaluation"]["keisei:checkpoint"]["path"] == "keisei:"
    assert player_text(settings.opponent) == "keisei:temperature=1.0"


def test_network_taught_by_stays_a_name() -> None:
    teach = [("teaching.teachers", ["distill"]), ("teaching.distill.network", "keisei:")]

    assert (
        read_settings(None, teach).to_document()["teaching"]["keisei-plugins-teachers:distill"]["network"] == "keisei:"
    )
