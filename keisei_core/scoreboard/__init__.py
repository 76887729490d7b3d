"""Time to rung: how much computing a recipe needs until it holds its own against each player of a ladder.

Knows how checkpoints are chosen and tested, not how they were trained: that is a run.
"""

from keisei_core.scoreboard.board import Scoreboard, entry_of
from keisei_core.scoreboard.climb import Climb, Reached, climbed
from keisei_core.scoreboard.journey import Journey, Stop
from keisei_core.scoreboard.page import Entry, page
from keisei_core.scoreboard.rule import Rule, Verdict
from keisei_core.scoreboard.rungs import RUNGS, find_rungs
from keisei_core.scoreboard.training import Run, runs_of, train

__all__ = [
    "RUNGS",
    "Climb",
    "Entry",
    "Journey",
    "Reached",
    "Rule",
    "Run",
    "Scoreboard",
    "Stop",
    "Verdict",
    "climbed",
    "entry_of",
    "find_rungs",
    "page",
    "runs_of",
    "train",
]
