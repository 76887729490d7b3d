"""What is told of a migration: as lines for people, as data for JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import attrs

from keisei_core.arena import Score
from keisei_core.errors import KeiseiError, MigrationError
from keisei_core.migration import Fidelity, change_table
from keisei_core.run.folder import from_here
from keisei_core.shown import command_line
from keisei_core.succession.heir import Heir

LARGEST_ERROR: Final = 1e-3
"""By which a network may miss its original: share of the largest logit, if above 1, and of a value."""


class HeirReport:
    """Steps, tensors, the measured difference and what else is kept, of a migration that can be done."""

    def __init__(self, heir: Heir) -> None:
        """Takes all steps and measures what came out.

        Raises:
            MigrationError: they can't be taken, or do not keep the function that they promise to keep.
        """
        self.heir = heir
        self.migration = heir.migration
        self.successor = heir.successor
        self.fidelity, self.unmeasured = _measured(heir)
        self.score: Score | None = None
        self.folder: Path | None = None

    def lines(self) -> Iterator[str]:
        """Yields the report."""
        yield f"{self.heir.path}{'' if self.heir.differences else ', of the same network and planes'}"
        for stage in self.migration.stages:
            yield f"  {stage.name:<12} {stage.step.summary}"
            yield from (f"  {'':<12} {note}" for note in stage.notes)
        yield from change_table(self.migration.changes)
        unchanged = len(self.migration.end.weights.keys() & self.migration.start.weights.keys()) - sum(
            change.new_shape is not None and change.old_shape is not None for change in self.migration.changes
        )
        yield f"{unchanged} tensors stay as they are; what is kept has its moments, those of what is new are 0"
        yield from self._measurement()
        yield from self.successor.notes
        if self.score is not None:
            yield f"migrated against original: {self.score}"
        if self.folder is not None:
            yield f"written; go on with: {command_line('keisei', 'resume', from_here(self.folder))}"

    def to_data(self) -> dict[str, Any]:
        """Returns the report for JSON."""
        stages = [
            {"migrator": stage.name, "summary": stage.step.summary, "cost": stage.step.cost, "notes": list(stage.notes)}
            for stage in self.migration.stages
        ]
        score = self.score
        return {
            "schema": 1,
            "source": str(self.heir.path),
            "run": None if self.folder is None else str(self.folder),
            "differences": self.heir.differences,
            "steps": stages,
            "tensors": [change.to_data() for change in self.migration.changes],
            "fidelity": None if self.fidelity is None else attrs.asdict(self.fidelity),
            "state": list(self.successor.notes),
            "match": None if score is None else {**attrs.asdict(score), "games": score.games, "score": score.score},
        }

    def _measurement(self) -> Iterator[str]:
        """Says how far the new network is from the old one."""
        found = self.fidelity
        if found is None:
            yield f"not compared with the original: {self.unmeasured}"
            return
        yield (
            f"on {found.positions} positions logits differ by at most {found.logits:.1e} "
            f"(the largest is {found.largest_logit:.3g}), values by {found.value:.1e}"
        )
        if self.heir.changed_files:
            yield f"  {', '.join(self.heir.changed_files)} changed since the original; so may what its weights compute"
        if found.logits_seeing != found.logits or found.value_seeing != found.value:
            yield (
                f"  from the original that sees the new planes; from the original as it was, with its own planes, "
                f"logits differ by up to {found.logits_seeing:.1e}, values by {found.value_seeing:.1e}"
            )


def _measured(heir: Heir) -> tuple[Fidelity | None, str]:
    """Compares both networks; returns why not where the original can't be built.

    Raises:
        MigrationError: they differ, though every step is one that keeps the function, and no file was changed, which
            may well be meant to change it.
    """
    try:
        found = heir.fidelity()
    except MigrationError:
        raise
    except KeiseiError as error:
        return None, str(error)
    promised = not heir.changed_files and all(stage.step.cost <= 1 for stage in heir.migration.stages)
    if promised and (found.logits > LARGEST_ERROR * max(1.0, found.largest_logit) or found.value > LARGEST_ERROR):
        steps = ", ".join(stage.name for stage in heir.migration.stages)
        differ = f"logits differ by {found.logits:.2g}, values by {found.value:.2g}"
        raise MigrationError([f"{heir.path}: does not keep its function ({differ}); a fault of the migrators {steps}"])
    return found, ""
