"""An exception that leaves a plugin says whose it is, and keeps its traceback."""

import traceback
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest

from keisei_core.errors import RunFolderError
from keisei_core.plugins.blame import blame
from keisei_core.shown import one_line

THING = """
import json

class Thing:
    def __init__(self, *arguments):
        pass

    def forward(self):
        return json.loads("{")

    def launch(self, main):
        main()
"""
URL = "https://example.org/keisei-plugins-toy"


def raised_by(call: Callable[[], object]) -> Exception:
    try:
        call()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


@pytest.fixture
def thing(workshop: Any) -> Any:
    module = workshop.model("toy", thing=THING)
    return import_module(f"{module}.thing").Thing()


def test_note_names_plugin_version_place_and_url(workshop: Any, thing: Any) -> None:
    error = raised_by(thing.forward)

    assert blame(error, workshop.registry())
    (note,) = error.__notes__
    module = type(thing).__module__
    assert note == f"raised in plugin keisei-plugins-toy 1.2.3 ({module}, thing.py:9 in forward); report it at {URL}"
    assert "in raw_decode" in "".join(traceback.format_exception(error))


def test_exception_of_the_core_is_nobodys(workshop: Any) -> None:
    error = raised_by(lambda: 1 / 0)

    assert not blame(error, workshop.registry())
    assert not hasattr(error, "__notes__")


def test_exception_of_a_run_that_a_plugin_launched_is_not_the_plugins(workshop: Any, thing: Any) -> None:
    namespace: dict[str, Any] = {"__name__": "keisei_core.run.loop"}
    exec("def main(): 1 / 0", namespace)

    assert not blame(raised_by(lambda: thing.launch(namespace["main"])), workshop.registry())


def test_core_called_by_a_plugin_with_nonsense_is_the_plugins(workshop: Any, thing: Any) -> None:
    assert blame(raised_by(lambda: thing.launch(lambda: one_line())), workshop.registry())  # type: ignore[call-arg]


def test_cause_of_an_error_of_the_core_is_looked_through(workshop: Any, thing: Any) -> None:
    def write() -> None:
        try:
            thing.forward()
        except ValueError as error:
            raise RunFolderError("no space") from error

    error = raised_by(write)

    assert blame(error, workshop.registry())
    assert "keisei-plugins-toy 1.2.3" in error.__notes__[0]
