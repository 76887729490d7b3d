"""A run that begins with the checkpoint of another: what becomes of the old one's parts, its report, its commands."""

from keisei_core.succession.command import migrate, train_from

__all__ = ["migrate", "train_from"]
