"""Matches: pairs, colours, points, intervals."""

import numpy as np
import pytest
import torch

from keisei_core.arena import PlayerContext, RandomPlayer, pair_interval, paired_games, play_match, play_out
from keisei_core.shogi import BLACK, Ending, Games


def random_player(seed):
    return RandomPlayer(PlayerContext(seed=seed, device=torch.device("cpu")))


class Scatter:
    """Deterministic, and different in every position."""

    def choose(self, positions, legal):
        weight = (positions.board.astype(np.int64) * np.arange(1, 82)).sum(axis=1) + positions.ply
        chosen = [np.flatnonzero(row)[w % np.count_nonzero(row)] for row, w in zip(legal, weight, strict=True)]
        return np.array(chosen, np.int32)


def test_player_against_itself_scores_exactly_one_half():
    player = Scatter()

    score = play_match(player, player, num_games=40, max_plies=400, opening_plies=8, seed=3)

    assert score.wins == score.losses > 0
    assert score.score == 0.5


def test_games_of_a_pair_share_their_opening_and_swap_the_players():
    games = paired_games(20, max_plies=100, opening_plies=8, seed=1)
    board = games.positions.board.copy()

    assert (board[0::2] == board[1::2]).all()
    assert len(np.unique(board, axis=0)) >= 9
    asked: list[np.ndarray] = []

    class Watch(RandomPlayer):
        def choose(self, positions, legal):
            asked.append(positions.board[:10])
            return super().choose(positions, legal)

    play_out(games, Watch(PlayerContext(seed=0, device=torch.device("cpu"))), random_player(1))

    # The first player is asked first in the even games: one of each pair.
    assert (asked[0] == board[0::2][:10]).all()


def test_match_is_the_same_under_the_same_seed():
    scores = [
        play_match(random_player(1), random_player(2), num_games=10, max_plies=200, opening_plies=4, seed=seed)
        for seed in (5, 5)
    ]

    assert scores[0] == scores[1]


def test_game_cut_off_is_counted_apart_from_draws():
    score = play_match(random_player(1), random_player(2), num_games=4, max_plies=10, opening_plies=0, seed=0)

    assert (score.truncated, score.draws, score.games, score.score) == (4, 0, 4, 0.5)


def test_repetition_is_a_draw():
    score = play_match(Shuffle(), Shuffle(), num_games=2, max_plies=200, opening_plies=0, seed=0)

    assert (score.draws, score.truncated) == (2, 0)


class Shuffle:
    """Moves the king one square up and back down."""

    UP, DOWN = 0 * 81, 5 * 81

    def choose(self, positions, legal):
        king_at_home = positions.board[:, 4 * 9 + 8] == 8
        return np.where(king_at_home, self.UP + 4 * 9 + 7, self.DOWN + 4 * 9 + 8).astype(np.int32)


def test_odd_number_of_games_is_refused():
    with pytest.raises(ValueError, match="even"):
        play_match(random_player(0), random_player(0), num_games=3, max_plies=10, opening_plies=0, seed=0)


def test_random_player_plays_every_legal_move_equally_often():
    games = Games(3_000, seed=0)
    legal = games.legal

    actions = random_player(0).choose(games.positions, legal)

    counts = np.bincount(actions, minlength=2187)
    assert legal[np.arange(3_000), actions].all()
    assert (counts > 0).sum() == 30
    # 100 expected each; five standard deviations.
    assert counts[counts > 0].min() > 50
    assert counts.max() < 150


@pytest.mark.parametrize(
    ("pairs", "low", "high"),
    [
        # Wilson's interval of 100 of 100 and of 0 of 100 independent games: 0.963 and 0.037.
        pytest.param([1.0] * 50, 0.963, 1.0, id="all-won"),
        pytest.param([0.0] * 50, 0.0, 0.037, id="all-lost"),
        # Both games of a pair always alike: 100 pairs tell as much as 100 games.
        pytest.param([1.0, 0.0] * 50, 0.404, 0.596, id="pairs-all-or-nothing-count-once"),
        # Drawn throughout: as sure as 60 independent games, and no surer for being all alike.
        pytest.param([0.5] * 30, 0.377, 0.623, id="all-drawn"),
    ],
)
def test_interval_of_pairs(pairs, low, high):
    assert pair_interval(np.array(pairs)) == pytest.approx((low, high), abs=0.002)


@pytest.mark.parametrize("num_pairs", [5, 30, 100])
@pytest.mark.parametrize(
    "shares",
    [
        pytest.param({0.5: 0.9, 0.75: 0.08, 1.0: 0.02}, id="many-drawn"),
        pytest.param({0.0: 0.25, 0.5: 0.5, 1.0: 0.25}, id="even"),
        pytest.param({0.0: 0.04, 0.5: 0.32, 1.0: 0.64}, id="strong"),
        pytest.param({0.5: 0.05, 0.75: 0.15, 1.0: 0.8}, id="nearly-all-won"),
    ],
)
def test_interval_holds_the_true_score_at_least_as_often_as_it_says(shares, num_pairs):
    random, scores = np.random.default_rng(0), np.array(list(shares))
    truth = float(scores @ list(shares.values()))

    held = 0
    for _ in range(1_000):
        low, high = pair_interval(random.choice(scores, num_pairs, p=list(shares.values())))
        held += low <= truth <= high

    # 95 % less two standard errors of 1,000 trials.
    assert held >= 936


def test_points_are_given_to_the_right_player():
    # A batch from the start; the winner of each mate is the side that is not to move in the final position.
    games = paired_games(20, max_plies=600, opening_plies=6, seed=2)
    black_first = games.positions.side_to_move == BLACK
    points, ending = play_out(games, random_player(3), random_player(4))

    mated = ending == Ending.MATE
    black_won = games.positions.side_to_move != BLACK
    first_is_black = black_first == (np.arange(20) % 2 == 0)
    assert mated.sum() >= 5
    assert (points[mated] == (black_won == first_is_black)[mated]).all()
