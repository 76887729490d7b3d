"""Self-play: games of the network against itself, and the rollouts that learning takes from them."""

from keisei_core.selfplay.game_record import GameRecord, GameRecorder
from keisei_core.selfplay.material import material
from keisei_core.selfplay.opponent_pool import OpponentPool
from keisei_core.selfplay.rollout import Rollout
from keisei_core.selfplay.self_play import SelfPlay, SelfPlayReport

__all__ = ["GameRecord", "GameRecorder", "OpponentPool", "Rollout", "SelfPlay", "SelfPlayReport", "material"]
