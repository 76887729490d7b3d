"""A run from start to end: its parts, its loop, its folder, what it shows."""

from keisei_core.run.callbacks import Callback, CallbackContext, RunView
from keisei_core.run.commands import check, resume, train, train_or_resume
from keisei_core.run.tracking import JsonlTracker, Tracker
from keisei_core.run.training import Training

__all__ = [
    "Callback",
    "CallbackContext",
    "JsonlTracker",
    "RunView",
    "Tracker",
    "Training",
    "check",
    "resume",
    "train",
    "train_or_resume",
]
