"""The player `search` in matches."""

import numpy as np
import pytest
import torch

from keisei_core.arena import PlayerContext, RandomPlayer, find_network, play_match
from keisei_core.arena.participant import Participant
from keisei_core.errors import CheckpointError, ConfigError
from keisei_core.plugins import load_registry
from keisei_core.shogi import Branches, Games
from keisei_core.shogi.games import MAX_MAX_PLIES
from keisei_plugins_search.options import SearchOptions
from keisei_plugins_search.player import SearchPlayer
from keisei_plugins_search.search import Search

CONTEXT = PlayerContext(seed=0, device=torch.device("cpu"))


def player(network, **options) -> SearchPlayer:
    return SearchPlayer(CONTEXT, SearchOptions(network=str(network), **options))


def test_player_is_named_with_the_digest_of_its_network(network):
    digest = find_network(network).digest
    named = [Participant.find(text, load_registry()).name for text in (f"search:network={network}", f"{network}")]

    assert named == [f"search:network={network} @{digest}", f"{network} @{digest}"]


@pytest.mark.parametrize(
    ("text", "error", "complaint"),
    [
        ("search:network=runs/nowhere", CheckpointError, "expected a run folder, a checkpoint or an exported network"),
        ("search", ConfigError, "player 'search': expected a network; write search:network=RUN"),
    ],
)
def test_missing_network_is_told(text, error, complaint):
    with pytest.raises(error, match=complaint):
        Participant.find(text, load_registry()).build(0, CONTEXT.device)


@pytest.mark.parametrize(("key", "value"), [("simulations", 0), ("leaves", 0), ("discount", 0), ("moves", 256)])
def test_option_out_of_range_is_refused(key, value):
    with pytest.raises(ValueError, match=f"{key}|must be"):
        SearchOptions(**{key: value})


def test_match_hands_over_the_past_of_every_game(network, monkeypatch):
    asked, searching = [], player(network, simulations=2)
    choose = searching._choose

    def watched(games, legal):
        asked.append(games.depth.max() if isinstance(games, Branches) else -1)
        assert (games._roots.num_plies > 0).all()
        return choose(games, legal)

    monkeypatch.setattr(searching, "_choose", watched)
    play_match(searching, RandomPlayer(CONTEXT), num_games=4, max_plies=30, opening_plies=4, seed=1)

    assert len(asked) >= 10


def test_fewer_games_are_searched_side_by_side_where_their_trees_are_large(network, monkeypatch):
    monkeypatch.setattr("keisei_plugins_search.search.MOST_NODES", 7)
    games, searching, seen = Games(5), player(network, simulations=2), []
    choose = searching._choose
    monkeypatch.setattr(searching, "_choose", lambda part, legal: seen.append(len(part)) or choose(part, legal))
    searching.choose(games.positions, games.legal)

    assert seen == [2, 2, 1]


def test_where_one_move_may_be_played_nothing_is_searched(network):
    games = Games(2)
    legal = np.zeros_like(games.legal)
    legal[[0, 1], [np.flatnonzero(games.legal[0])[0]] * 2] = 1
    legal[1] = games.legal[1]
    searching = player(network, simulations=5)
    seen = []
    raw = searching.evaluator.raw
    searching.evaluator.raw = lambda positions: seen.append(len(positions)) or raw(positions)

    assert searching.choose(games.positions, legal)[0] == np.flatnonzero(legal[0])[0]
    assert seen == [2, 1, 1, 1, 1, 1]


def test_values_of_the_positions_are_those_that_the_search_found(network):
    games, searching = Games(3), player(network, simulations=4)
    searching.choose(games.positions, games.legal)

    roots, four = Branches.of_positions(games.positions, MAX_MAX_PLIES), np.full(3, 4, np.int32)
    alone = Search(searching.evaluator, roots, games.legal, four, searching.settings).run()
    np.testing.assert_allclose(searching.values, alone.value.clip(-1, 1), atol=1e-5)
    assert searching.values.dtype == np.float32
