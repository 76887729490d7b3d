"""Experience: segments of play, and the sources that learning takes them from."""

from keisei_core.experience.game_record import GameRecord, GameRecorder
from keisei_core.experience.lockstep import Lockstep
from keisei_core.experience.opponent_pool import OpponentPool
from keisei_core.experience.replay import Replay
from keisei_core.experience.segment import Outcomes, Segment
from keisei_core.experience.source import PlayReport, Source

__all__ = [
    "GameRecord",
    "GameRecorder",
    "Lockstep",
    "OpponentPool",
    "Outcomes",
    "PlayReport",
    "Replay",
    "Segment",
    "Source",
]
