"""A table of texts, for a terminal or for Markdown."""

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

import attrs

from keisei_core.display import cut_off
from keisei_core.shown import shown

GAP: Final = "  "
"""Between columns, and before the figures where they have a line of their own."""


@attrs.frozen
class Table:
    """Rows of cells under heads; the first column is text, the others figures."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self, columns: int | None = None) -> str:
        """Returns aligned columns.

        Args:
            columns: of the terminal. In one that is too narrow the figures of a row stand below its text, and those
                that have no room there are left out and named; None has room for everything.
        """
        lines = [[shown(cell) for cell in line] for line in (self.heads, *self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.heads))]
        if columns is not None and sum(widths) + len(GAP) * (len(widths) - 1) > columns:
            return "\n".join(self._in_pairs(lines, widths[1:], columns))
        whole = (GAP.join((line[0].ljust(widths[0]), *_aligned(line[1:], widths[1:]))) for line in lines)
        return "\n".join(line.rstrip() for line in whole)

    def _in_pairs(self, lines: Sequence[Sequence[str]], widths: Sequence[int], columns: int) -> Iterator[str]:
        """Yields the lines of text and of figures in turn, then what was left out."""
        ends = accumulate(len(GAP) + width for width in widths)
        num_shown = max(sum(end <= columns for end in ends), 1)
        for text, *figures in lines:
            if text:
                yield cut_off(text, columns)
            yield GAP + GAP.join(_aligned(figures[:num_shown], widths[:num_shown]))
        if left_out := self.heads[1 + num_shown :]:
            yield cut_off(f"more in a wider terminal: {', '.join(map(shown, left_out))}", columns)

    def markdown(self) -> str:
        """Returns a table in Markdown."""
        rule = ["---", *["---:"] * (len(self.heads) - 1)]
        return "\n".join(f"| {' | '.join(map(shown, line))} |" for line in (self.heads, rule, *self.rows))


def _aligned(figures: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [figure.rjust(width) for figure, width in zip(figures, widths, strict=True)]
