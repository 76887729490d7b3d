"""The parts of a ply and of a gradient step, at tiny size: every part is seen at work; together they are the whole."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))
import gpu_stages  # noqa: E402
import parts  # noqa: E402


@pytest.fixture(scope="module")
def found():
    return parts.measure(gpu_stages.training(gpu_stages.settings(is_tiny=True)), 1)


@pytest.mark.parametrize(("name", "places"), [("ply", parts.PLY), ("step", parts.STEP)])
def test_parts_are_all_seen_at_work_and_are_the_whole_together(found, name, places):
    spent = dict(found[name])
    whole, bare = spent.pop("whole"), spent.pop("bare network")

    assert [*spent] == [*places, "all else"]
    assert all(spent[part] > 0 for part in places)
    assert sum(spent.values()) == pytest.approx(whole)
    assert bare > 0


def test_tables_have_a_line_for_each_part(found):
    text = parts.text_of(found)

    assert all(f"| {part} | " in text for part in (*parts.PLY, *parts.STEP))
    assert text.count("| whole; the bare network alone |") == 2
