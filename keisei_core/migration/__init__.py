"""Bringing a checkpoint to another input, size or format: forms, layouts, migrators, the cheapest chain of steps."""

from keisei_core.migration.form import Form
from keisei_core.migration.layout import INPUT, Axis, Blocks, Channels, LaidOut, Layout, LayoutDraft
from keisei_core.migration.migrator import Migrated, MigrationContext, Migrator, Refusal, Step
from keisei_core.migration.networks import Blueprint, Networks
from keisei_core.migration.report import TensorChange
from keisei_core.migration.snapshot import Snapshot

__all__ = [
    "INPUT",
    "Axis",
    "Blocks",
    "Blueprint",
    "Channels",
    "Form",
    "LaidOut",
    "Layout",
    "LayoutDraft",
    "Migrated",
    "MigrationContext",
    "Migrator",
    "Networks",
    "Refusal",
    "Snapshot",
    "Step",
    "TensorChange",
]
