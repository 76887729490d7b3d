"""What a migrator must offer: steps from one form of a checkpoint to another, each with its cost and its report."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import attrs

from keisei_core.migration.form import Form
from keisei_core.migration.networks import Networks
from keisei_core.migration.snapshot import Snapshot


@attrs.frozen(kw_only=True)
class MigrationContext:
    """What a migrator is built with."""

    goal: Form
    """Where the checkpoint is to come."""
    networks: Networks
    """Builds the network of any form, and reads its layout."""


@attrs.frozen(kw_only=True)
class Step:
    """One thing a migrator can do to a checkpoint."""

    to: Form
    """What comes out; differs from what goes in."""
    cost: int
    """At least 1. 1 keeps the function, but for what dropped planes said; more is worse: what has to be learned again,
    or is believed and not known."""
    summary: str
    """One line: what it does."""
    renamed: Mapping[str, str] = MappingProxyType({})
    """Channels whose name alone is another, old to new: their weights stay, and both networks are compared on them."""


@attrs.frozen
class Refusal:
    """A step that a migrator would take if it could."""

    reason: str
    """One line: why not, and what to do instead."""


@attrs.frozen(kw_only=True)
class Migrated:
    """What came out of a step."""

    snapshot: Snapshot
    """Of the form that the step promised. A number that is kept has its moments; those of a new number are 0: the
    report of what moved, what is new and what is lost is read from them."""
    notes: tuple[str, ...] = ()
    """What else the user should know, a line each."""


class Migrator(Protocol):
    """One way to bring checkpoints on."""

    def offer(self, form: Form) -> Step | Refusal | None:
        """Says what it can do for a checkpoint of this form on its way to the goal.

        Returns:
            A step, a refusal, or None where it has nothing to do: what it is for differs not.
        """
        ...

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Takes a step that it offered for this snapshot's form.

        Raises:
            CheckpointError: the snapshot's tensors are not those of its form.
        """
        ...
