"""Packages that say what they like about themselves: listings of them don't command the terminal."""

from typing import Any

import pytest

ESCAPES = "\x1b]0;OWNED\x07\x9b31m\u202e"
BROKEN = 'raise RuntimeError("a\\x1b]0;OWNED\\x07\\nb")'
HOSTILE_SUMMARY = """
from keisei_core import hookimpl
from keisei_core.plugins.components import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="evil", target="a:b", summary="a toy \\x1b]0;OWNED\\x07")]
"""


@pytest.mark.parametrize(
    "words",
    [
        ("plugins", "list"),
        ("plugins", "list", "--verbose"),
        ("plugins", "list", "--json"),
        ("plugins", "check", "keisei-plugins-evil"),
        ("plugins", "show", "evil"),
        ("check", "--set", "model.name=evil"),
        ("--help",),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("hooks", [BROKEN, HOSTILE_SUMMARY], ids=["raises", "summary"])
def test_metadata_of_a_package_is_harmless(keisei: Any, workshop: Any, hooks: str, words: tuple[str, ...]) -> None:
    workshop.plugin(hooks, distribution="keisei-plugins-evil", entry="evil", version=f"1{ESCAPES}", name="evil")
    card = next(workshop.folder.glob("keisei_plugins_evil*.dist-info")) / "METADATA"
    card.write_text(card.read_text().replace("https://example.org/", f"https://example.org/{ESCAPES}"))

    _, out, err = keisei(*words)

    assert all(character.isprintable() or character == "\n" for character in out + err), (out, err)


def test_summary_that_is_not_printable_is_refused(keisei: Any, workshop: Any) -> None:
    workshop.plugin(HOSTILE_SUMMARY, distribution="keisei-plugins-evil", entry="evil", name="evil")

    _, out, _ = keisei("plugins", "list")

    assert "component's summary must be one line of printable text" in out
