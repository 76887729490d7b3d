"""Bringing a checkpoint to another input, size or format: forms, layouts, migrators, the cheapest chain of steps."""

from keisei_core.migration.chain import Link, cheapest_chain
from keisei_core.migration.form import Form
from keisei_core.migration.layout import INPUT, Axis, Blocks, Channels, Groups, LaidOut, Layout, LayoutDraft
from keisei_core.migration.migrator import Migrated, MigrationContext, Migrator, Refusal, Step
from keisei_core.migration.networks import Blueprint, Networks
from keisei_core.migration.report import TensorChange
from keisei_core.migration.snapshot import Snapshot
from keisei_core.migration.transplant import Origin, Transplanted, transplant

__all__ = [
    "INPUT",
    "Axis",
    "Blocks",
    "Blueprint",
    "Channels",
    "Form",
    "Groups",
    "LaidOut",
    "Layout",
    "LayoutDraft",
    "Link",
    "Migrated",
    "MigrationContext",
    "Migrator",
    "Networks",
    "Origin",
    "Refusal",
    "Snapshot",
    "Step",
    "TensorChange",
    "Transplanted",
    "cheapest_chain",
    "transplant",
]
