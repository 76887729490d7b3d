"""The course of a figure in blocks."""

import math

import pytest

from keisei_core.run.sparkline import BLOCKS, MOST_KEPT, Sparkline


def sparkline(*values: float) -> Sparkline:
    made = Sparkline()
    for value in values:
        made.add(value)
    return made


@pytest.mark.parametrize(
    ("values", "columns", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, BLOCKS),
        ([7, 0], 8, "█▁"),
        ([2, 2, 2], 8, "▁▁▁"),
        ([0, 2, 5, 7], 2, "▁█"),
        ([1, math.nan, math.inf, 2], 8, "▁█"),
        ([1], 8, ""),
        ([1, 2], 1, ""),
        ([], 8, ""),
    ],
)
def test_values_are_drawn_from_lowest_to_highest(values: list[float], columns: int, drawn: str) -> None:
    assert sparkline(*values).line(columns) == drawn


def test_long_course_keeps_its_shape_and_little_memory() -> None:
    made = sparkline(*range(100_000))

    assert len(made.values) <= MOST_KEPT
    assert made.line(8) == BLOCKS
