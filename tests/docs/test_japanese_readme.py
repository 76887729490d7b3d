"""README.ja.md says what README.md says: section by section the same commands, figures and links."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
ENGLISH, JAPANESE = (
    re.split(r"^## .*$", (ROOT / name).read_text(encoding="utf-8"), flags=re.MULTILINE)
    for name in ("README.md", "README.ja.md")
)
SECTIONS = range(len(ENGLISH))
LARGE = {"million": 1_000_000, "万": 10_000, "": 1}


def commands(section: str) -> list[list[str]]:
    """Returns the lines of every block, without comments, which are translated."""
    return [[re.sub(r"\s+# .*", "", line).rstrip() for line in block.splitlines()] for block in FENCED.findall(section)]


def figures(section: str) -> list[float]:
    """Returns the numbers of the prose, sorted; small ones without a fraction may be words in one language."""
    prose = FENCED.sub("", re.sub(r"\]\([^)]*\)|<img[^>]*>", "", section))
    found = re.findall(r"(?<![\w.-])(-?(?:\d[\d,]*)?\.?\d+)(?: ?(million|万))?", prose)
    numbers = [round(float(number.replace(",", "")) * LARGE[large], 6) for number, large in found]
    return sorted(number for number in numbers if number > 10 or number != int(number) or number < 0)


def links(section: str) -> list[str]:
    """Returns what is linked to and shown; links within the page are named after its own headings."""
    return sorted(re.findall(r"\]\(([^)#][^)]*)\)|src=\"([^\"]*)\"", FENCED.sub("", section)))


def test_both_have_the_same_sections() -> None:
    assert len(ENGLISH) == len(JAPANESE)


@pytest.mark.parametrize("number", SECTIONS)
def test_section_has_the_same_commands_and_code(number: int) -> None:
    assert commands(JAPANESE[number]) == commands(ENGLISH[number])


@pytest.mark.parametrize("number", SECTIONS)
def test_section_has_the_same_figures(number: int) -> None:
    assert figures(JAPANESE[number]) == figures(ENGLISH[number])


@pytest.mark.parametrize("number", SECTIONS)
def test_section_tells_the_same_points_of_the_same_games(number: int) -> None:
    english = re.findall(r"\(([\d.]+) of\s(\d+)", ENGLISH[number])
    assert [(points, games) for games, points in re.findall(r"(\d+) 局で ([\d.]+) 点", JAPANESE[number])] == english


@pytest.mark.parametrize("number", SECTIONS)
def test_section_links_to_the_same_pages(number: int) -> None:
    swapped = [[part.replace("README.ja.md", "README.md") for part in link] for link in links(JAPANESE[number])]
    assert swapped == [[part.replace("README.ja.md", "README.md") for part in link] for link in links(ENGLISH[number])]


def test_figures_are_read_alike_in_both_languages() -> None:
    assert figures("1.8 million, .74 [.68, .80], 2,417 and -5") == figures("180 万、.74 [.68, .80]、2,417、-5")
    assert figures("three of 40") == [40]
