"""The figures that docs/results/search.md tells are those of the file that `make search-strength` writes."""

import re
from pathlib import Path

RESULTS = Path(__file__).parents[2] / "docs" / "results"
GENERATED = (RESULTS / "search_strength-puct.md").read_text()
PAGE = (RESULTS / "search.md").read_text()


def test_ratings_of_the_page_are_those_of_the_generated_table():
    together = [line.split(" | ")[-1].strip(" |") for line in GENERATED.splitlines() if re.match(r"\| [1-9]", line)]

    assert len(together) == 5
    assert [rating for rating in together if f"| {rating} |" not in PAGE] == []
    assert f"| {together[2]} by all games together; " in PAGE
    assert f"| {together[4]} together; " in PAGE


def test_doublings_of_the_page_are_those_of_the_generated_file():
    _, *gains = re.findall(r"\d+ to \d+ ([+]\d+)", GENERATED)
    mean = round(sum(map(int, gains)) / len(gains))

    assert f"| {', '.join(gains)} | missed by the last one; their mean is +{mean} |" in PAGE
