"""Lets alphabeta choose a move, so that `keisei warm` compiles its kernel."""

import torch

from keisei_core.arena import PlayerContext
from keisei_core.shogi import Games
from keisei_plugins_players.alphabeta import AlphaBeta
from keisei_plugins_players.options import AlphaBetaOptions


def alphabeta() -> None:
    """Chooses in the start position."""
    games = Games(1, max_plies=8)
    AlphaBeta(PlayerContext(seed=0, device=torch.device("cpu")), AlphaBetaOptions()).choose(
        games.positions, games.legal
    )
