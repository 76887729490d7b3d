"""Bringing what is stored to the present format, for whoever only reads it."""

import attrs

from keisei_core.checkpoint import FORMAT_VERSION
from keisei_core.migration.migration import chain_of
from keisei_core.migration.networks import Networks
from keisei_core.migration.reading import stored_channels
from keisei_core.migration.snapshot import Snapshot
from keisei_core.plugins import Registry


def brought_up(snapshot: Snapshot, registry: Registry) -> Snapshot:
    """Takes an older snapshot to the present format; network and planes stay what they are.

    Raises:
        MigrationError: no installed migrator does that.
    """
    goal = attrs.evolve(snapshot.form, format=FORMAT_VERSION)
    networks = Networks(registry, stored_channels(snapshot.state))
    for link in chain_of(snapshot.form, goal, networks, registry):
        snapshot = link.migrator.apply(snapshot, link.step).snapshot
    return snapshot
