"""A run from start to end: its parts, its loop, its folder, what it shows."""

from keisei_core.run.commands import check, resume, train
from keisei_core.run.jsonl_tracker import JsonlTracker
from keisei_core.run.migrating import migrate, train_from
from keisei_core.run.tracker import Tracker
from keisei_core.run.training import Training

__all__ = ["JsonlTracker", "Tracker", "Training", "check", "migrate", "resume", "train", "train_from"]
