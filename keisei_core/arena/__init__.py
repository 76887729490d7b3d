"""The arena: players, matches of paired games, scores with their intervals."""

from keisei_core.arena.match import paired_games, play_match, play_out
from keisei_core.arena.network_player import NetworkPlayer
from keisei_core.arena.player import Player, PlayerContext
from keisei_core.arena.random_player import RandomPlayer
from keisei_core.arena.score import Score, pair_interval

__all__ = [
    "NetworkPlayer",
    "Player",
    "PlayerContext",
    "RandomPlayer",
    "Score",
    "pair_interval",
    "paired_games",
    "play_match",
    "play_out",
]
