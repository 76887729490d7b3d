"""The page about performance names keys that there are, and its table can be made anew."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
KEYS = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
sys.path.append(str(ROOT / "benchmarks"))
import performance  # noqa: E402


def keys_of_page() -> list[str]:
    """Returns `table.key` of every key that stands in a table's cell or in the text."""
    found = []
    for table, first, more in re.findall(r"`\[(\w+)\] (\w+)`((?:, `\w+`)*)", PAGE):
        found += [f"{table}.{key}" for key in (first, *re.findall(r"`(\w+)`", more))]
    return sorted(set(found))


@pytest.mark.parametrize("key", keys_of_page())
def test_key_of_the_page_is_one(key):
    table, name = key.split(".")
    # That page names every key that there is, which a test of its own holds.
    assert re.search(rf"^\| `\[{table}\]`[^|]*\| `{name} = ", KEYS, re.MULTILINE)


def test_page_names_the_keys_of_every_stage():
    assert {"run.threads", "selfplay.games", "learning.minibatch", "evaluation.games"} <= set(keys_of_page())


def test_table_of_the_page_is_put_between_its_marks():
    once = performance.filled(PAGE, "| a |\n")
    again = performance.filled(once, "| b |")

    assert performance.BEGIN + "| a |\n" + performance.END in once
    assert once.replace("| a |", "| b |") == again
    assert PAGE.partition(performance.BEGIN)[0] == again.partition(performance.BEGIN)[0]
    assert PAGE.partition(performance.END)[2] == again.partition(performance.END)[2]
