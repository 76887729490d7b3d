"""A run from start to end: its parts, its loop, its folder, what it shows."""

from keisei_core.run.commands import check, resume, train
from keisei_core.run.tracking import JsonlTracker, Tracker
from keisei_core.run.training import Training

__all__ = ["JsonlTracker", "Tracker", "Training", "check", "resume", "train"]
