"""docs/usi-check.md says what is asked; only where there is a checkout."""

import re
from pathlib import Path

import pytest

from keisei_plugins_usi.conformance.situations import SITUATIONS

PAGE = Path(__file__).parents[3] / "docs" / "usi-check.md"

pytestmark = pytest.mark.skipif(not PAGE.is_file(), reason="no checkout, so no page")


def test_both_tables_have_every_situation_in_order() -> None:
    told = re.findall(r"^\| (\d+) \| `([a-z-]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    asked = [(str(situation.row), situation.name) for situation in SITUATIONS]

    assert told == asked * 2


def test_page_says_of_each_what_it_says_of_itself() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert [each.name for each in SITUATIONS if f"| {each.sent} | {each.must} | {each.why} |" not in page] == []
