"""Starts written as text, in a config and in what it resolves to."""

import os
from pathlib import Path
from typing import Any

import pytest

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import ConfigError, PluginError
from keisei_core.plugins import Choice, Kind, Settings, load_registry, read_settings
from keisei_core.plugins.starts import start_of

BARE = "4k4/9/9/9/9/9/9/9/4K4 b R 1"
HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_starts():
    return [Component(name=name, target="{module}.thing:Thing", summary="a toy") for name in ("toy", "bishop")]
"""


def settings(folder: Path, starts: str, registry: Any = None) -> Settings:
    (folder / "keisei.toml").write_text(f"[selfplay]\nstarts = {starts}\n")
    return read_settings(folder / "keisei.toml", registry=registry)


@pytest.mark.parametrize("text", [BARE, f"sfen {BARE}", *NAMED_STARTS])
def test_positions_stay_text(text: str) -> None:
    assert start_of(text, load_registry()) == text


@pytest.mark.parametrize(
    ("text", "name", "options"),
    [
        ("shuffled", "shuffled", {"symmetric": True, "swaps": 0, "plies": 0}),
        ("shuffled:plies=10,symmetric=false", "shuffled", {"symmetric": False, "swaps": 0, "plies": 10}),
        ("book:path=lines/a,b.txt,plies=8", "book", {"path": os.path.abspath("lines/a,b.txt"), "plies": 8}),
        ("book:path=2026", "book", {"path": os.path.abspath("2026"), "plies": 0}),
        ("keisei-plugins-starts:shuffled:swaps=2", "shuffled", {"symmetric": True, "swaps": 2, "plies": 0}),
    ],
)
def test_component_has_its_options_behind_its_name(text: str, name: str, options: dict[str, object]) -> None:
    start = start_of(text, load_registry())

    assert isinstance(start, Choice)
    assert (start.kind, start.name, start.owner.distribution) == (Kind.START, name, "keisei-plugins-starts")
    assert {key: getattr(start.options, key) for key in options} == options


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("two-peace", "expected an SFEN or a name, got 'two-peace'; did you mean 'two-piece'. write an SFEN or one of"),
        ("shufled", r"unknown start 'shufled'; did you mean 'shuffled'\? available: book, shuffled"),
        ("nowhere", "unknown start 'nowhere'; available: book, shuffled"),
        ("shuffled:swap=1", "start 'shuffled:swap=1': unknown key 'swap'; did you mean 'swaps'"),
        ("shuffled:swaps=101", "swaps must be at most 100, got 101"),
        ("shuffled:symmetric=1", "symmetric must be true or false, got 1"),
        ("shuffled:swaps=1,swaps=2", "an option stands twice"),
        ("bishop:pieces=2", "unknown start 'bishop'"),
        ("", "expected a start, got an empty text; write its name"),
    ],
)
def test_wrong_start_is_told_with_its_place(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=rf"keisei\.toml: \[selfplay\] .*{complaint}"):
        settings(tmp_path, f'["startpos", "{text}"]')


def test_settings_have_starts_in_the_order_written_and_read_back_equal(tmp_path: Path) -> None:
    first = settings(tmp_path, f'["bishop", "shuffled:plies=10", "{BARE}", "book:path=book.txt"]')

    assert [start if isinstance(start, str) else start.name for start in first.starts] == [
        "bishop", "shuffled", BARE, "book",
    ]  # fmt: skip
    document = first.to_document()
    assert document["selfplay"]["starts"] == [
        "bishop",
        "keisei-plugins-starts:shuffled:plies=10",
        BARE,
        "keisei-plugins-starts:book:path=book.txt",
    ]
    again = read_settings(None, [(f"selfplay.{key}", value) for key, value in document["selfplay"].items()])
    assert again.starts == first.starts


def test_starts_are_among_the_components_of_a_run(tmp_path: Path) -> None:
    chosen = settings(tmp_path, '["startpos", "shuffled"]').choices()

    assert [choice.name for choice in chosen if choice.kind is Kind.START] == ["shuffled"]


def test_name_of_a_position_is_the_positions_whoever_else_has_it(workshop: Any) -> None:
    workshop.plugin(HOOKS, files={"thing": "class Thing: pass"})
    registry = workshop.registry()

    assert start_of("bishop", registry) == "bishop"
    by_owner = start_of("keisei-plugins-toy:bishop", registry)
    assert isinstance(by_owner, Choice)
    assert by_owner.owner.distribution == "keisei-plugins-toy"


def test_name_of_two_packages_says_how_to_choose(workshop: Any) -> None:
    for distribution in ("keisei-plugins-one", "keisei-plugins-two"):
        workshop.plugin(HOOKS, distribution=distribution, files={"thing": "class Thing: pass"})

    with pytest.raises(PluginError, match="'keisei-plugins-one:toy' or 'keisei-plugins-two:toy'"):
        start_of("toy", workshop.registry())
