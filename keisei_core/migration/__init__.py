"""Bringing a checkpoint to another input, size or format: forms, layouts, migrators, the best chain of steps."""

from keisei_core.migration.chain import Link, best_chain
from keisei_core.migration.fidelity import Fidelity, fidelity
from keisei_core.migration.form import Form
from keisei_core.migration.layout import INPUT, Axis, Blocks, Channels, Groups, LaidOut, Layout, LayoutDraft
from keisei_core.migration.migration import Migration, Stage, migrate
from keisei_core.migration.migrator import Migrated, MigrationContext, Migrator, Refusal, Step
from keisei_core.migration.networks import Blueprint, Networks
from keisei_core.migration.present import brought_up
from keisei_core.migration.reading import (
    BARE,
    differences_from,
    find_checkpoint,
    form_of,
    goal_of,
    read_snapshot,
    stored_channels,
    stored_form,
    stored_snapshot,
    value_differences,
)
from keisei_core.migration.report import TensorChange, change_table
from keisei_core.migration.snapshot import Snapshot
from keisei_core.migration.transplant import Origin, Transplanted, transplant

__all__ = [
    "BARE",
    "INPUT",
    "Axis",
    "Blocks",
    "Blueprint",
    "Channels",
    "Fidelity",
    "Form",
    "Groups",
    "LaidOut",
    "Layout",
    "LayoutDraft",
    "Link",
    "Migrated",
    "Migration",
    "MigrationContext",
    "Migrator",
    "Networks",
    "Origin",
    "Refusal",
    "Snapshot",
    "Stage",
    "Step",
    "TensorChange",
    "Transplanted",
    "best_chain",
    "brought_up",
    "change_table",
    "differences_from",
    "fidelity",
    "find_checkpoint",
    "form_of",
    "goal_of",
    "migrate",
    "read_snapshot",
    "stored_channels",
    "stored_form",
    "stored_snapshot",
    "transplant",
    "value_differences",
]
