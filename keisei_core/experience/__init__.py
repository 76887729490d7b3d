"""Self-play: games of the network against itself, and the rollouts that learning takes from them."""

from keisei_core.experience.game_record import GameRecord, GameRecorder
from keisei_core.experience.lockstep import SelfPlay, SelfPlayReport
from keisei_core.experience.opponent_pool import OpponentPool
from keisei_core.experience.segment import Rollout

__all__ = ["GameRecord", "GameRecorder", "OpponentPool", "Rollout", "SelfPlay", "SelfPlayReport"]
