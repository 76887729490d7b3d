"""The arena: players, matches of paired games, scores with their intervals."""

from keisei_core.arena.export import export_network
from keisei_core.arena.followed_game import FollowedGame
from keisei_core.arena.forfeit import FaultsError, Forfeit, ForfeitKind
from keisei_core.arena.match import play_match, play_pairs, play_some
from keisei_core.arena.network_player import NetworkPlayer
from keisei_core.arena.player import Follower, Identity, Player, PlayerContext, closing
from keisei_core.arena.random_player import RandomPlayer
from keisei_core.arena.score import Score, pair_interval
from keisei_core.arena.sprt import Sprt, Verdict
from keisei_core.arena.thinking import Info, Limits, Line, Never, Stop, Tell, Thinker, Thought, think
from keisei_core.arena.trained_network import TrainedNetwork, find_network

__all__ = [
    "FaultsError",
    "FollowedGame",
    "Follower",
    "Forfeit",
    "ForfeitKind",
    "Identity",
    "Info",
    "Limits",
    "Line",
    "NetworkPlayer",
    "Never",
    "Player",
    "PlayerContext",
    "RandomPlayer",
    "Score",
    "Sprt",
    "Stop",
    "Tell",
    "Thinker",
    "Thought",
    "TrainedNetwork",
    "Verdict",
    "closing",
    "export_network",
    "find_network",
    "pair_interval",
    "play_match",
    "play_pairs",
    "play_some",
    "think",
]
