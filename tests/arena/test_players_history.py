"""A player that needs the positions before gets those of its game, as self-play would give them."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from keisei_core.arena import NetworkPlayer
from keisei_core.arena.match import play_pairs
from keisei_core.benchmark.blunders import Tactics, WatchedPlayer
from keisei_core.config.tables import ValueTable
from keisei_core.errors import PluginError
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.observe import Needs
from keisei_core.precision import Fp32
from keisei_core.run.matches import StoppablePlayer
from keisei_core.shogi import NUM_ACTIONS, Games, Positions
from keisei_core.testing import corpus, feature_set

CPU = torch.device("cpu")


class Remembering:
    """Plays at random and keeps what it was shown."""

    def __init__(self, history: int, seed: int) -> None:
        self.needs = Needs(history=history)
        self.random = np.random.default_rng(seed)
        self.shown: list[Positions] = []

    def choose(self, positions: Positions, legal: NDArray[np.uint8]) -> NDArray[np.int32]:
        self.shown.append(positions)
        return (self.random.random(legal.shape) * legal).argmax(axis=1).astype(np.int32)


class Forgetful(Remembering):
    def __init__(self) -> None:
        super().__init__(0, seed=3)
        del self.needs


def entries(positions: Positions) -> set[bytes]:
    """Returns every position with its history as bytes."""
    names = ("board", "hands", "side_to_move", "ply", "history")
    return {b"".join(positions.arrays()[name][row].tobytes() for name in names) for row in range(len(positions))}


def test_each_player_gets_the_history_that_it_asks_for_and_it_is_that_of_its_game() -> None:
    players = Remembering(5, seed=1), Remembering(2, seed=2)
    pairs = list(play_pairs(*players, num_games=12, max_plies=50, opening_plies=6, seed=4, at_once=8))

    replayed: dict[int, set[bytes]] = {5: set(), 2: set()}
    for game in (game for pair in pairs for game in pair):
        games = Games(1, max_plies=50, history=5)
        for action in game.actions:
            for history, found in replayed.items():
                found |= entries(games.positions.with_history(history))
            games.step(np.array([action], np.int32), reset=False)
    for player in players:
        shown = entries(Positions.concatenate(player.shown))
        assert len(shown) > 100
        assert shown <= replayed[player.needs.history]


def test_player_that_asks_for_nothing_is_shown_nothing_more() -> None:
    forgetful = Forgetful()
    list(play_pairs(forgetful, Remembering(3, seed=2), num_games=4, max_plies=30, opening_plies=4, seed=4, at_once=4))

    assert {positions.num_earlier for positions in forgetful.shown} == {0}


def network_player(features: str) -> NetworkPlayer:
    class Indifferent(torch.nn.Module):
        def forward(self, planes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            return torch.zeros(len(planes), NUM_ACTIONS), torch.zeros(len(planes))

    planes = feature_set(features)
    network = ActorCritic(Indifferent(), planes.channels, ValueTable())
    return NetworkPlayer(Evaluator(network, planes, Fp32(CPU), CPU), temperature=1.0, seed=0)


def test_network_player_needs_what_its_planes_need_also_behind_who_watches_it() -> None:
    player = network_player("core46+history")

    assert player.needs == Needs(history=7)
    assert StoppablePlayer(player, lambda: False).needs == player.needs
    assert WatchedPlayer(player, Tactics()).needs == player.needs


def test_networks_of_different_needs_play_each_other() -> None:
    players = network_player("core46+history"), network_player("core46")
    assert len(list(play_pairs(*players, num_games=4, max_plies=30, opening_plies=4, seed=4, at_once=4))) == 2


def test_network_player_asked_without_the_past_refuses() -> None:
    positions = corpus()[:2]

    with pytest.raises(ValueError, match=r"expected positions with 7 earlier ones each, got 0; play them in Games\("):
        network_player("core46+history").choose(positions, np.ones((2, NUM_ACTIONS), np.uint8))


def test_needs_that_are_none_are_a_fault_of_the_player() -> None:
    player = Forgetful()
    player.needs = 7  # type: ignore[assignment]

    with pytest.raises(PluginError, match=r"needs of .*Forgetful must be a keisei_core\.observe\.Needs, got 7"):
        list(play_pairs(player, Forgetful(), num_games=2, max_plies=30, opening_plies=4, seed=4, at_once=2))
