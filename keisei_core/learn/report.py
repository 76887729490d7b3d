"""What one update did."""

from collections.abc import Mapping

import attrs


@attrs.define(kw_only=True)
class Report:
    """Means over the gradient steps of one update that told a figure, and what is known once per update."""

    figures: dict[str, float] = attrs.field(factory=dict)
    """By the name that metrics get."""
    num_steps: int = 0
    num_skipped: int = 0
    num_positions: int = 0
    """In the minibatches of steps taken or skipped, those in which moves are only taught included; of this process."""

    told: dict[str, int] = attrs.field(factory=dict)
    """How many of the steps told each figure."""

    def add(self, figures: Mapping[str, float]) -> None:
        """Takes in one gradient step's figures."""
        self.num_steps += 1
        for name, value in figures.items():
            count = self.told[name] = self.told.get(name, 0) + 1
            mean = self.figures.get(name, 0.0)
            self.figures[name] = mean + (value - mean) / count
