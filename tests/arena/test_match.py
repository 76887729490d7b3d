"""Matches and their scores, with players simple enough to know the answer."""

import numpy as np
import pytest
import torch

from keisei_core.arena import PlayerContext, RandomPlayer, play_match, play_pairs, play_some
from keisei_core.arena.openings import draw_openings
from keisei_core.arena.score import score_of_pairs
from keisei_core.shogi import BLACK, Ending, Games


def random_player(seed: int) -> RandomPlayer:
    return RandomPlayer(PlayerContext(seed=seed, device=torch.device("cpu")))


class Scatter:
    """Plays well-spread moves that depend on the position only, so that both colours of an opening go alike."""

    def choose(self, positions, legal):
        weight = (positions.board.astype(np.int64) * np.arange(1, 82)).sum(axis=1) + positions.ply
        chosen = [np.flatnonzero(row)[w % np.count_nonzero(row)] for row, w in zip(legal, weight, strict=True)]
        return np.array(chosen, np.int32)


class Shuffle:
    """Moves the king one square up and back down."""

    UP, DOWN = 0 * 81 + 4 * 9 + 7, 5 * 81 + 4 * 9 + 8

    def choose(self, positions, legal):
        king_at_home = positions.board[:, 4 * 9 + 8] == 8
        wanted = np.where(king_at_home, self.UP, self.DOWN).astype(np.int32)
        is_allowed = legal[np.arange(len(legal)), wanted] == 1
        return np.where(is_allowed, wanted, legal.argmax(axis=1)).astype(np.int32)


class CarefulShuffle(Shuffle):
    avoids_repetition = True


def all_pairs(first, second, **changes):
    settings = {"num_games": 40, "max_plies": 300, "opening_plies": 8, "seed": 3, "at_once": 512}
    return list(play_pairs(first, second, **(settings | changes)))


def test_player_against_itself_scores_exactly_one_half():
    player = Scatter()

    score = play_match(player, player, num_games=40, max_plies=400, opening_plies=8, seed=3)

    assert score.wins == score.losses > 0
    assert score.score == 0.5
    assert score.pairs == (0, 0, 20, 0, 0)


def test_games_of_a_pair_share_their_opening_and_swap_the_players():
    pairs = all_pairs(random_player(1), random_player(2))

    openings = set()
    for number, (one, other) in enumerate(pairs):
        assert (one.number, other.number) == (2 * number, 2 * number + 1)
        assert one.opening_plies == other.opening_plies
        assert one.first_is_black != other.first_is_black
        # After the opening the first player moves first in the even game.
        assert one.first_is_black == (one.opening_plies % 2 == 0)
        assert (one.actions[: one.opening_plies] == other.actions[: one.opening_plies]).all()
        openings.add(tuple(one.actions[: one.opening_plies].tolist()))
    assert len(openings) == 20


def test_first_player_is_asked_first_in_even_games_whichever_end_first():
    asked = []

    class Watch(RandomPlayer):
        def choose(self, positions, legal):
            asked.append(positions.ply.copy())
            return super().choose(positions, legal)

    player = Watch(PlayerContext(seed=0, device=torch.device("cpu")))
    pairs = all_pairs(player, random_player(1), at_once=6)

    # In an even game the first player moves at the plies opening, opening + 2, ..., in an odd one from opening + 1 on.
    expected = sum(
        (len(game.actions) - game.opening_plies + (1 - game.number % 2)) // 2 for pair in pairs for game in pair
    )
    assert sum(len(plies) for plies in asked) == expected


@pytest.mark.parametrize("at_once", [2, 6, 512])
def test_games_go_alike_however_many_are_played_at_once(at_once):
    # These players have no random stream, so each game is the same wherever it is played.
    reference = all_pairs(Scatter(), Shuffle(), at_once=16)
    pairs = all_pairs(Scatter(), Shuffle(), at_once=at_once)

    assert pairs == reference
    for pair, other in zip(pairs, reference, strict=True):
        assert all(np.array_equal(a.actions, b.actions) for a, b in zip(pair, other, strict=True))


def test_recorded_moves_lead_to_the_recorded_ending():
    pairs = all_pairs(random_player(1), random_player(2), num_games=20, max_plies=600, at_once=4)

    endings = set()
    for game in (game for pair in pairs for game in pair):
        replay = Games(1, max_plies=600)
        for action in game.actions:
            assert replay.ending[0] == Ending.NONE
            replay.step(np.array([action], np.int32), reset=False)
        endings.add(game.ending)
        assert replay.ending[0] == game.ending
        if game.ending == Ending.MATE:
            black_won = replay.final.side_to_move[0] != BLACK
            assert game.points == float(game.first_is_black == black_won)
    assert Ending.MATE in endings


def test_match_is_the_same_under_the_same_seed_and_another_under_another():
    scores = [
        play_match(random_player(1), random_player(2), num_games=20, max_plies=400, opening_plies=4, seed=seed)
        for seed in (5, 5, 6)
    ]

    assert scores[0] == scores[1] != scores[2]


def test_game_cut_off_is_counted_apart_from_draws():
    score = play_match(random_player(1), random_player(2), num_games=4, max_plies=10, opening_plies=0, seed=0)

    assert (score.truncated, score.draws, score.games, score.score) == (4, 0, 4, 0.5)


def test_repetition_is_a_draw():
    score = play_match(Shuffle(), Shuffle(), num_games=2, max_plies=200, opening_plies=0, seed=0)

    assert (score.draws, score.truncated) == (2, 0)


def test_player_that_avoids_repetition_is_not_drawn_into_it():
    pairs = all_pairs(CarefulShuffle(), Shuffle(), num_games=2, max_plies=60, opening_plies=0)

    assert [game.ending for pair in pairs for game in pair] == [Ending.MAX_PLIES, Ending.MAX_PLIES]
    for game in pairs[0]:
        replay = Games(1, max_plies=60)
        seen = []
        for ply, action in enumerate(game.actions):
            replay.step(np.array([action], np.int32), reset=False)
            moved_by_careful = game.first_is_black == (ply % 2 == 0)
            seen.append(int(replay.positions.repetition[0]) if moved_by_careful else 0)
        # Whatever comes back, comes back by the other's moves.
        assert not any(seen)


def test_odd_number_of_games_is_refused():
    with pytest.raises(ValueError, match="even"):
        play_match(random_player(0), random_player(0), num_games=3, max_plies=10, opening_plies=0, seed=0)


def test_openings_are_distinct_and_of_half_to_all_of_the_plies():
    openings = draw_openings(300, plies=6, seed=1)

    assert set(openings.plies) == {3, 4, 5, 6}
    games = Games(300, max_plies=100)
    for actions in openings.actions.T:
        games.step(np.ascontiguousarray(actions))
    assert (games.positions.ply == openings.plies).all()
    assert len(np.unique(games.positions.board, axis=0)) >= 299  # the same board may stand with the other to move


def test_openings_begin_alike_however_many_are_drawn():
    few, many = draw_openings(5, plies=4, seed=1), draw_openings(2_000, plies=4, seed=1)

    assert (few.actions == many.actions[:5]).all()
    assert (draw_openings(5, plies=4, seed=2).actions != few.actions).any()


def test_openings_repeat_only_where_there_are_no_more():
    assert draw_openings(7, plies=0, seed=1).actions.shape == (7, 0)
    openings = draw_openings(40, plies=1, seed=1)

    assert len({tuple(actions) for actions in openings.actions.tolist()}) == 30  # first moves


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


@pytest.mark.parametrize("shares", [1, 2, 3])
def test_shares_of_a_match_are_the_games_of_the_whole(shares):
    settings = {"num_games": 20, "max_plies": 60, "opening_plies": 6, "seed": 3}
    whole = play_match(Scatter(), Shuffle(), **settings)

    parts = [play_some(Scatter(), Shuffle(), openings=range(one, 10, shares), **settings) for one in range(shares)]

    outcomes = {opening: pair for part in parts for opening, pair in part.items()}
    assert sorted(outcomes) == list(range(10))
    assert score_of_pairs(outcomes[opening] for opening in range(10)) == whole
