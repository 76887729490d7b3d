"""A table of texts, for a terminal or for Markdown."""

from collections.abc import Sequence

import attrs

from keisei_core.shown import shown


@attrs.frozen
class Table:
    """Rows of cells under heads; the first column is text, the others figures."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self) -> str:
        """Returns aligned columns."""
        lines = [[shown(cell) for cell in line] for line in (self.heads, *self.rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(self.heads))]
        return "\n".join(
            "  ".join(
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )

    def markdown(self) -> str:
        """Returns a table in Markdown."""
        rule = ["---", *["---:"] * (len(self.heads) - 1)]
        return "\n".join(f"| {' | '.join(map(shown, line))} |" for line in (self.heads, rule, *self.rows))
