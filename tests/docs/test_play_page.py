"""The page about playing: its pictures can be drawn, its notebook runs, its keys are those of the JSON."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from keisei_core.opinion import Opinion, opinion_of

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "play.md").read_text(encoding="utf-8")
PICTURES = sorted((DOCS / "pictures").glob("*.svg"))
MOST_BYTES = 20_000


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_picture_is_a_small_board_that_some_page_shows(picture):
    svg = picture.read_text(encoding="utf-8")

    assert len(svg) < MOST_BYTES
    root = ElementTree.fromstring(svg)
    assert root.find("{http://www.w3.org/2000/svg}title").text.startswith("Shogi position, Black to move")
    pages = (PAGE, (ROOT / "README.md").read_text(encoding="utf-8"))
    assert any(f"pictures/{picture.name})" in page for page in pages)


def test_cell_of_the_notebook_is_drawn(monkeypatch):
    monkeypatch.chdir(ROOT)
    *first, last = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1].strip().splitlines()
    names = {}
    exec("\n".join(first), names)

    assert eval(last, names)._repr_svg_().startswith("<svg ")


def test_keys_of_the_json_are_told():
    opinion: Opinion = opinion_of(DOCS / "results" / "gate" / "new", simulations=4)
    data = opinion.to_data()
    keys = [*data, *data["moves"][0], *data["search"], *data["search"]["lines"][0]]

    assert [key for key in keys if f"`{key}`" not in PAGE] == []
