"""What one update did."""

from collections.abc import Mapping

import attrs


@attrs.define(kw_only=True)
class Report:
    """Means over the gradient steps of one update, and what is known once per update."""

    figures: dict[str, float] = attrs.field(factory=dict)
    """By the name that metrics get."""
    num_steps: int = 0
    num_skipped: int = 0
    num_positions: int = 0
    """In the minibatches of steps taken or skipped, those in which moves are only taught included; of this process."""

    def add(self, figures: Mapping[str, float]) -> None:
        """Takes in one gradient step's figures."""
        self.num_steps += 1
        for name, value in figures.items():
            mean = self.figures.get(name, 0.0)
            self.figures[name] = mean + (value - mean) / self.num_steps
