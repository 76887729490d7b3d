"""A figure's course in one line of blocks."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
MOST_KEPT: Final = 256


class Sparkline:
    """The values of a figure from the beginning of a run on; neighbours are averaged where they are many."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._stride = 1
        """Values that one of those kept stands for."""
        self._waiting: list[float] = []

    def add(self, value: float) -> None:
        """Takes in the next value; nan and infinities are left out."""
        if not math.isfinite(value):
            return
        self._waiting.append(value)
        if len(self._waiting) == self._stride:
            self.values.append(mean(self._waiting))
            self._waiting = []
        if len(self.values) == MOST_KEPT:
            self.values = buckets(self.values, MOST_KEPT // 2)
            self._stride *= 2

    def line(self, columns: int) -> str:
        """Returns at most so many blocks, the lowest value as the lowest block; nothing of fewer than two values."""
        if len(self.values) < 2 or columns < 2:
            return ""
        drawn = buckets(self.values, columns) if len(self.values) > columns else self.values
        low, high = min(drawn), max(drawn)
        scale = (len(BLOCKS) - 1) / (high - low) if high > low else 0.0
        return "".join(BLOCKS[round((value - low) * scale)] for value in drawn)


def buckets(values: Sequence[float], number: int) -> list[float]:
    """Returns the means of so many neighbouring parts of values, which are no fewer."""
    ends = [len(values) * index // number for index in range(number + 1)]
    return [mean(values[begin:end]) for begin, end in pairwise(ends)]


def mean(values: Sequence[float]) -> float:
    """Returns the mean of at least one value."""
    return sum(values) / len(values)
