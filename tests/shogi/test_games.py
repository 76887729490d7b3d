"""Stepping a batch of games: what changes, what stays, what is refused."""

import copy
import pickle
from collections.abc import Callable

import numpy as np
import pytest

from keisei_core.errors import IllegalMoveError, SfenError
from keisei_core.shogi import (
    NO_SQUARE,
    Ending,
    Games,
    Positions,
    Starts,
    format_sfen,
    legal_mask,
    parse_sfen,
    usi_to_action,
)
from keisei_core.shogi.rules.games import find_illegal
from keisei_core.shogi.rules.generate import generate_all
from keisei_core.shogi.start_pool import with_midgame

MATE_IN_ONE = "7lk/9/8G/9/9/9/9/9/4K4 b G 1"


def actions(games: Games, *moves: str | None) -> np.ndarray:
    """Reads one move for each game; None leaves a game alone."""
    played = [-1 if move is None else usi_to_action(games.positions, move, row) for row, move in enumerate(moves)]
    return np.array(played, np.int32)


def assert_equal(first: Positions, second: Positions) -> None:
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name], err_msg=name)


def test_step_plays_each_game_and_leaves_alone_where_told() -> None:
    games = Games(3)
    games.step(actions(games, "7g7f", None, "2g2f"))
    sfens = [format_sfen(games.positions, row).split(" ", 1)[0] for row in range(3)]
    assert sfens == [
        "lnsgkgsnl/1r5b1/ppppppppp/9/9/2P6/PP1PPPPPP/1B5R1/LNSGKGSNL",
        "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL",
        "lnsgkgsnl/1r5b1/ppppppppp/9/9/7P1/PPPPPPP1P/1B5R1/LNSGKGSNL",
    ]
    assert games.positions.ply.tolist() == [1, 0, 1]
    assert games.positions.side_to_move.tolist() == [1, 0, 1]


def test_game_left_alone_has_no_ending_even_after_one() -> None:
    games = Games(1, starts=Starts.from_sfens([MATE_IN_ONE]))
    games.step(actions(games, "G*1b"), reset=False)
    assert (games.ending[0], games.reward[0]) == (Ending.MATE, 1)
    games.step(actions(games, None))
    assert (games.ending[0], games.reward[0]) == (Ending.NONE, 0)


def test_finished_game_begins_anew_and_its_last_position_is_kept() -> None:
    games = Games(2, starts=Starts.from_sfens([MATE_IN_ONE]))
    games.step(actions(games, "G*1b", "5i5h"))
    assert games.ending.tolist() == [Ending.MATE, Ending.NONE]
    assert format_sfen(games.positions, 0) == MATE_IN_ONE
    assert format_sfen(games.final, 0) == "7lk/8G/8G/9/9/9/9/9/4K4 w - 2"
    assert games.final.in_check[0] == 1
    assert games.num_legal[0] == games.legal[0].sum() > 0


def test_finished_game_that_is_not_reset_stays_without_moves() -> None:
    games = Games(2, starts=Starts.from_sfens([MATE_IN_ONE]), max_plies=1)
    games.step(actions(games, "G*1b", "5i5h"), reset=False)
    assert games.ending.tolist() == [Ending.MATE, Ending.MAX_PLIES]
    assert games.num_legal.tolist() == [0, 0]
    assert not games.legal.any()
    assert games.sample().tolist() == [-1, -1]
    assert_equal(games.positions, games.final)


def test_reset_begins_the_chosen_games_only() -> None:
    games = Games(2)
    games.step(actions(games, "7g7f", "7g7f"))
    games.reset(np.array([True, False]))
    assert games.positions.ply.tolist() == [0, 1]


def test_last_moves_are_turned_with_the_view() -> None:
    games = Games(1)
    games.step(actions(games, "7g7f"))
    square_7g, square_7f = 6 * 9 + 6, 6 * 9 + 5
    assert games.positions.last_moves[0].tolist() == [[80 - square_7g, 80 - square_7f], [NO_SQUARE, NO_SQUARE]]
    games.step(actions(games, "3c3d"))
    square_3c, square_3d = 2 * 9 + 2, 2 * 9 + 3
    assert games.positions.last_moves[0].tolist() == [[square_3c, square_3d], [square_7g, square_7f]]


def test_last_move_of_a_drop_has_no_origin() -> None:
    games = Games(1, starts=Starts.from_sfens(["4k4/9/9/9/9/9/9/9/4K4 b P 1"]))
    games.step(actions(games, "P*5e"))
    assert games.positions.last_moves[0, 0].tolist() == [NO_SQUARE, 40]


@pytest.mark.parametrize(
    ("action", "match"),
    [
        pytest.param(2187, r"game 1: expected a legal action, got 2187, outside 0\.\.2186 in sfen 'lns", id="too-big"),
        pytest.param(-2, r"game 1: expected a legal action, got -2", id="below-minus-one"),
        pytest.param(0, r"got 0 \(plane 0, file 1 rank 1 as the mover sees it\) in sfen 'lns.* b - 1'", id="illegal"),
    ],
)
def test_illegal_action_is_refused_and_nothing_changes(action: int, match: str) -> None:
    games = Games(3, seed=1)
    before, played = games.state(), games.sample()
    games.load_state(before)
    played[1] = action
    with pytest.raises(IllegalMoveError, match=match):
        games.step(played)
    for name, array in games.state().items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)


@pytest.mark.parametrize(
    "bad", [np.zeros(2, np.int64), np.zeros(3, np.int32), np.zeros((2, 1), np.int32), np.zeros(4, np.int32)[::2]]
)
def test_actions_of_another_dtype_or_shape_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"actions must be int32 \[2\], C-contiguous, got .*; cast with"):
        Games(2).step(bad)


@pytest.mark.parametrize(
    ("num_games", "options", "match"),
    [
        (0, {}, "num_games must be >= 1, got 0"),
        (1, {"max_plies": 0}, "max_plies must be 1 to 60000, got 0"),
    ],
)
def test_games_out_of_range_are_refused(num_games: int, options: dict[str, int], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        Games(num_games, **options)


def test_state_goes_on_bit_for_bit() -> None:
    games = Games(16, max_plies=60, starts=Starts.standard(random_plies=6, mirror=True), seed=5)
    for _ in range(50):
        games.step(games.sample())
    state, copy = games.state(), Games(16, max_plies=60, starts=games.starts, seed=99)
    copy.load_state(state)
    for _ in range(80):
        played = games.sample()
        np.testing.assert_array_equal(played, copy.sample())
        games.step(played)
        copy.step(played)
    after = copy.state()
    for name, array in games.state().items():
        np.testing.assert_array_equal(array, after[name], err_msg=name)


def test_state_is_a_copy() -> None:
    games = Games(2)
    state = games.state()
    games.step(games.sample())
    assert state["positions.ply"].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("change", "match"),
    [
        pytest.param(
            {"num_games": 3}, r"must be uint8 \[3, .*; load it into as many games", id="other-number-of-games"
        ),
        pytest.param({"max_plies": 99}, r"state 'history' must be uint64", id="other-cap"),
    ],
)
def test_state_of_other_games_is_refused(change: dict[str, int], match: str) -> None:
    state = Games(2).state()
    with pytest.raises(ValueError, match=match):
        Games(**({"num_games": 2} | change)).load_state(state)


def test_incomplete_state_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a state of games with"):
        Games(2).load_state({})


def test_same_seed_plays_the_same_and_another_seed_does_not() -> None:
    played = []
    for seed in (3, 3, 4):
        games = Games(8, seed=seed)
        played.append([(games.step(a := games.sample()), a.tolist())[1] for _ in range(20)])
    assert played[0] == played[1] != played[2]


def test_sample_draws_every_legal_action_about_as_often() -> None:
    games = Games(6_000, seed=2)
    counts = np.bincount(games.sample(), minlength=2187)
    assert set(counts.nonzero()[0]) == set(games.legal[0].nonzero()[0])
    assert counts[counts > 0].min() > 140
    assert counts.max() < 270


def test_random_opening_has_as_many_plies_as_asked() -> None:
    games = Games(400, starts=Starts.standard(random_plies=4, min_random_plies=2))
    assert set(games.positions.ply.tolist()) == {2, 3, 4}
    np.testing.assert_array_equal(games.legal, legal_mask(games.positions))
    assert (games.positions.side_to_move == games.positions.ply % 2).all()


def test_mirrored_start_is_used_in_about_half_of_the_games() -> None:
    games = Games(400, starts=Starts.standard(mirror=True))
    mirrored = [format_sfen(games.positions, row).startswith("lnsgkgsnl/1b5r1/") for row in range(400)]
    assert 150 < sum(mirrored) < 250


def test_opening_that_would_end_the_game_is_dropped() -> None:
    games = Games(50, starts=Starts.from_sfens([MATE_IN_ONE], random_plies=40, min_random_plies=40), max_plies=10)
    assert (games.positions.ply == 0).all()
    assert (games.num_legal > 0).all()


def test_start_from_sfens_keeps_side_ply_and_cap() -> None:
    sfen = "4k4/9/9/9/9/9/9/9/4K4 w P 100"
    games = Games(1, starts=Starts.from_sfens([sfen]), max_plies=100)
    assert format_sfen(games.positions) == sfen
    games.step(games.sample(), reset=False)
    assert games.ending[0] == Ending.MAX_PLIES


@pytest.mark.parametrize(
    ("sfen", "match"),
    [
        pytest.param("7lk/8G/8G/9/9/9/9/9/4K4 w - 2", "has no legal move: '7lk", id="mate"),
        pytest.param("4k4/9/9/9/9/9/9/9/4K4 b - 513", r"stands at max_plies \(512\) already", id="at-the-cap"),
    ],
)
def test_start_that_cannot_be_played_on_is_refused(sfen: str, match: str) -> None:
    with pytest.raises(SfenError, match=match):
        Games(1, starts=Starts.from_sfens([sfen]))


def test_starts_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="expected at least one start position, got none"):
        Starts.from_sfens([])
    with pytest.raises(ValueError, match="random plies must be 0 <= least <= most, got 3 to 2"):
        Starts(parse_sfen("startpos"), random_plies=2, min_random_plies=3)


def test_starts_keep_their_own_positions_without_a_past() -> None:
    positions = parse_sfen("startpos")
    positions.repetition[:] = 2
    starts = Starts(positions)
    positions.board[:] = 0
    games = Games(1, starts=starts)
    assert games.num_legal[0] == 30
    assert games.positions.repetition[0] == 0


def test_start_without_one_king_each_is_refused() -> None:
    positions = parse_sfen("startpos")
    positions.board[positions.board == 8 + 14] = 0
    with pytest.raises(ValueError, match="one king each in a start position, got 0 of the opponent in row 0"):
        Starts(positions)


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copy_of_games_is_refused_with_the_remedy(duplicate: Callable[[Games], object]) -> None:
    with pytest.raises(TypeError, match=r"games can't be copied or pickled; carry state\(\) over"):
        duplicate(Games(1))


def test_read_only_arrays_are_taken_without_compiling_again() -> None:
    games = Games(2)
    games.step(games.sample())
    legal_mask(games.positions)
    compiled = [len(kernel.signatures) for kernel in (find_illegal, generate_all)]
    actions, positions = games.sample(), games.positions[:]
    for array in (actions, positions.board, positions.hands):
        array.flags.writeable = False
    legal_mask(positions)
    games.step(actions)
    assert [len(kernel.signatures) for kernel in (find_illegal, generate_all)] == compiled


def test_memory_of_a_game_is_below_8_kb() -> None:
    assert sum(array.nbytes for array in Games(10).state().values()) / 10 < 8_000


def test_legal_mask_writes_into_the_given_array_only() -> None:
    games = Games(2)
    out = np.full((3, 2187), 9, np.uint8)
    view = out[:2]
    assert legal_mask(games.positions, view) is view
    assert (out[2] == 9).all()
    np.testing.assert_array_equal(out[:2], games.legal)
    with pytest.raises(ValueError, match=r"out must be uint8 \[2, 2187\], C-contiguous, got uint8 \[3, 2187\]"):
        legal_mask(games.positions, out)


@pytest.mark.parametrize("rows", [np.array([True]), np.ones(4, np.int32), np.ones((4, 1), np.bool_)])
def test_reset_of_rows_of_another_shape_is_refused(rows: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"rows must be bool \[4\], got"):
        Games(4).reset(rows)


def test_state_of_games_with_another_cap_is_refused() -> None:
    state = Games(2, max_plies=61).state()

    with pytest.raises(ValueError, match="state is of games with max_plies 61, expected 60"):
        Games(2, max_plies=60).load_state(state)


def test_share_of_games_starts_in_the_middle_of_random_games() -> None:
    starts = with_midgame(Starts.standard(), share=0.25, plies=40, seed=1)
    plies = Games(4_000, starts=starts, seed=2).positions.ply
    deep = plies[plies > 0]
    assert 0.2 < len(deep) / len(plies) < 0.3
    assert deep.max() == 40
    assert 17 < deep.mean() < 24


def test_middle_game_starts_are_the_same_for_the_same_seed() -> None:
    first, second, other = (with_midgame(Starts.standard(), share=0.5, plies=9, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.positions.board, second.positions.board)
    assert (first.positions.board != other.positions.board).any()
