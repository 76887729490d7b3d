"""A chosen component is imported when it is used, and blamed by name when that fails."""

from typing import Any

import pytest

from keisei_core.errors import CheckpointError, PluginError
from keisei_core.plugins import Choice, Kind


def choose(workshop: Any, **files: str) -> Choice:
    workshop.model("toy", **files)
    choice: Choice = workshop.registry().resolve(Kind.MODEL, "toy")
    return choice


BLAME = "model 'toy' of keisei-plugins-toy 1.2.3 can't be used: workshop_"
HOME = "; report it at https://example.org/keisei-plugins-toy$"


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("import no_such_thing", "ModuleNotFoundError: No module named 'no_such_thing'"),
        ("", "AttributeError: .* has no attribute 'Thing'"),
        ("raise SystemExit(1)", "SystemExit: 1"),
        ("Thing = (", "SyntaxError"),
    ],
)
def test_target_that_does_not_import_is_blamed(workshop: Any, source: str, cause: str) -> None:
    with pytest.raises(PluginError, match=f"{BLAME}.*{cause}.*{HOME}"):
        choose(workshop, thing=source).load()


def test_build_passes_the_argument_and_the_options(workshop: Any) -> None:
    choice = choose(workshop)

    channels, options = choice.build("channels").arguments

    assert channels == "channels"
    assert (options.depth, options.ratio) == (2, 0.5)


def test_build_that_raises_is_blamed_with_its_cause_kept(workshop: Any) -> None:
    choice = choose(workshop, thing="def Thing(*arguments):\n    raise ValueError('no room')")

    with pytest.raises(PluginError, match=f"{BLAME}.*ValueError: no room") as caught:
        choice.build("channels")
    assert isinstance(caught.value.__cause__, ValueError)


def test_error_of_ours_inside_a_build_passes_through(workshop: Any) -> None:
    source = "from keisei_core.errors import CheckpointError\ndef Thing(*_):\n    raise CheckpointError('x', 'gone')"

    with pytest.raises(CheckpointError, match="x: gone"):
        choose(workshop, thing=source).build("channels")


@pytest.mark.parametrize(
    ("source", "cause"),
    [
        ("class Options: pass", "options must be an attrs class, got <class"),
        ("Options = 3", "options must be an attrs class, got 3"),
        ("import attrs\n@attrs.frozen\nclass Options:\n    name: str = ''", "an option can't be called 'name'"),
        ("1 / 0", "ZeroDivisionError"),
    ],
)
def test_options_class_that_can_not_be_used_is_blamed(workshop: Any, source: str, cause: str) -> None:
    with pytest.raises(PluginError, match=f"{BLAME}.*{cause}"):
        choose(workshop, options=source).load_options_class()
