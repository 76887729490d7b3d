"""Older formats to the present one, a version at a time; a later version adds its step here."""

import json
from collections.abc import Callable, Mapping
from typing import Final

import attrs

from keisei_core.migration import Form, Migrated, MigrationContext, Refusal, Snapshot, Step


class FormatMigrator:
    """Rearranges what is stored; no tensor of the network changes."""

    def __init__(self, context: MigrationContext) -> None:
        self._goal = context.goal

    def offer(self, form: Form) -> Step | Refusal | None:
        """Offers the version after the checkpoint's; see `Migrator.offer`."""
        if form.format == self._goal.format:
            return None
        if form.format not in STEPS:
            return Refusal(f"format {form.format} is newer than {self._goal.format}, or unknown; upgrade keisei")
        version, summary, _ = STEPS[form.format]
        return Step(to=attrs.evolve(form, format=version), cost=1, summary=summary)

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Takes one version's step; see `Migrator.apply`."""
        rearranged, notes = STEPS[snapshot.form.format][2](snapshot)
        return Migrated(snapshot=attrs.evolve(rearranged, form=step.to), notes=notes)


Rearranged = tuple[Snapshot, tuple[str, ...]]


def bare_to_2(snapshot: Snapshot) -> Rearranged:
    """Takes weights alone for a checkpoint: everything else starts anew."""
    return snapshot, ("there are weights alone: optimiser, counters and games start anew",)


def from_1_to_2(snapshot: Snapshot) -> Rearranged:
    """Gives the one process that format 1 knew its own files."""
    own = {"pool": None, **{key: snapshot.state[key] for key in ("random", "records")}}
    state = {key: value for key, value in snapshot.state.items() if key not in own}
    rest = {"rank-0.safetensors": snapshot.rest["games.safetensors"], "rank-0.json": json.dumps(own).encode()}
    return attrs.evolve(snapshot, state=state, rest=rest), ()


STEPS: Final[Mapping[int, tuple[int, str, Callable[[Snapshot], Rearranged]]]] = {
    0: (2, "weights alone become a checkpoint", bare_to_2),
    1: (2, "format 1 -> 2: each process has files of its own", from_1_to_2),
}
"""For each version but the present one: the version it becomes, what is done, and what does it."""
