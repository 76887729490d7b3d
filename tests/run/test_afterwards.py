"""What plugins make of a run that is over: where it lies is told, and what fails spoils nothing."""

from pathlib import Path

import pytest

from keisei_core.run.afterwards import made_of_run

HOOKS = """
KEISEI_PLUGIN_API = (2, 0)
KEISEI_RUN_ENDS = ("{module}.thing:make",)
"""
MAKES = """
def make(folder):
    page = folder / "page.html"
    page.write_text("made")
    return page
"""


@pytest.fixture
def made(workshop, tmp_path):
    """Lets plugins of the workshop make something of a run folder; returns that and what was said."""

    def make(*things: str, disable=(), stop=lambda: False, hooks=HOOKS) -> tuple[dict[str, Path], list[str]]:
        said: list[str] = []
        for number, thing in enumerate(things):
            names = {"distribution": f"keisei-plugins-toy{number}", "entry": f"toy{number}"}
            workshop.plugin(hooks, files={"thing": thing}, **names)
        return made_of_run(tmp_path, workshop.registry(disable), said.append, stop), said

    return make


def test_file_that_a_plugin_made_is_returned_by_its_name(made, tmp_path):
    assert made(MAKES) == ({"toy0": tmp_path / "page.html"}, [])


def test_plugin_that_makes_no_file_is_not_named(made):
    assert made("def make(folder): pass") == ({}, [])


@pytest.mark.parametrize(
    ("thing", "cause"),
    [
        ("def make(folder): raise ValueError('no paper')", "no paper"),
        ("def make(folder): raise SystemExit(3)", "3"),
        ("import nowhere_to_be_found", "nowhere_to_be_found"),
        ("def other(folder): pass", "make"),
        ("def make(): pass", "argument"),
        ("import os\ndef make(folder): os.chdir('/'); raise OSError('moved')", "moved"),
    ],
)
def test_plugin_that_fails_is_told_of_and_the_next_one_goes_on(made, tmp_path, thing, cause):
    before = Path.cwd()

    files, said = made(thing, MAKES)

    assert files == {"toy1": tmp_path / "page.html"}
    (line,) = said
    assert line.startswith("warning: workshop_")
    assert "of keisei-plugins-toy0 1.2.3 failed after the run was over (" in line
    assert cause in line
    assert Path.cwd() == before


def test_plugin_that_takes_no_part_makes_nothing(made):
    assert made(MAKES, disable=["keisei-plugins-toy0"]) == ({}, [])


def test_nothing_more_is_made_once_a_stop_was_asked_for(made):
    interrupted = "from keisei_core.errors import StoppedError\ndef make(folder): raise StoppedError('stop')"

    assert made(interrupted, MAKES, stop=lambda: True) == ({}, [])


def test_one_name_without_a_comma_behind_it_is_that_name(made, tmp_path):
    assert made(MAKES, hooks=HOOKS.replace(",)", ")")) == ({"toy0": tmp_path / "page.html"}, [])
