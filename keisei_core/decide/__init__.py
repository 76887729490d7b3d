"""Deciding: how a ply is chosen in self-play, and what is kept of the decision."""

from keisei_core.decide.column import Column
from keisei_core.decide.decider import (
    Decider,
    DeciderContext,
    Decision,
    StagedDecider,
    Stages,
    decision_of,
    has_stages,
    stages_of,
)
from keisei_core.decide.games_view import GamesView
from keisei_core.decide.policy_decider import PolicyDecider

__all__ = [
    "Column",
    "Decider",
    "DeciderContext",
    "Decision",
    "GamesView",
    "PolicyDecider",
    "StagedDecider",
    "Stages",
    "decision_of",
    "has_stages",
    "stages_of",
]
