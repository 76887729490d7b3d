"""Tells how varied the play is that an update learned from, and keeps a note of every checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from keisei_core.run import CallbackContext, RunView

from keisei_plugins_myname.options import MynameOptions


class MynameCallback:
    """Counts different actions, and how sure the network is of its value; writes into RUN/checkpoints.txt."""

    def __init__(self, context: CallbackContext, options: MynameOptions) -> None:
        self.path = context.run_folder / "checkpoints.txt"
        self.options = options

    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float]:
        """Returns figures, which stand in metrics.jsonl beside the core's; `[checkpoint] best_by` may name one."""
        if view.counters.update % self.options.every_updates:
            return {}
        segment = view.segment  # read only, like everything in the view
        rows = np.arange(min(self.options.positions, segment.num_plies))
        values = view.evaluator.value(segment.positions_of(rows))
        return {
            "different_actions": float(len(np.unique(segment.action))),
            "mean_abs_value": float(np.abs(values).mean()),
        }

    def after_checkpoint(self, path: Path) -> None:
        """Notes the checkpoint's name."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{path.name}\n")

    def at_end(self, result: Mapping[str, Any]) -> None:
        """Notes the score of the last match."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"score {result['score']:.3f}\n")
