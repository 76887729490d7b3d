"""Earlier positions kept beside the present one, against lists of boards kept in plain Python."""

from collections.abc import Sequence

import numpy as np
import pytest

from keisei_core.shogi import (
    Ending,
    Games,
    Positions,
    Starts,
    legal_mask,
    mirror_positions,
    parse_sfen,
    random_sidelines,
    usi_to_action,
)
from keisei_core.shogi.sfen import turn_board

HISTORY = 5
NUM_GAMES = 48
HANDICAP = "lnsgkgsn1/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1"
ENDGAME = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"

Seen = tuple[int, list[int], list[list[int]], int]
"""Who was to move, and board, hands and repetition as he saw them."""


def seen(positions: Positions, row: int) -> Seen:
    board, hands = positions.board[row].tolist(), positions.hands[row].tolist()
    return int(positions.side_to_move[row]), board, hands, int(positions.repetition[row])


def expected(past: Sequence[Seen], side: int, num_earlier: int = HISTORY) -> np.ndarray:
    """Writes the entries of a game's past, oldest first, as `side` sees them now."""
    entries = []
    for mover, board, hands, repetition in reversed(past[-num_earlier:]):
        if mover != side:
            board, hands = turn_board(np.array(board, np.uint8)).tolist(), hands[::-1]
        entries.append([*board, *hands[0], *hands[1], repetition])
    entries += [[0] * 96] * (num_earlier - len(entries))
    return np.array(entries, np.uint8)


def require_histories(positions: Positions, pasts: Sequence[Sequence[Seen]], rows: Sequence[int]) -> None:
    for row in rows:
        wanted = expected(pasts[row], int(positions.side_to_move[row]))
        np.testing.assert_array_equal(positions.history[row], wanted, err_msg=f"game {row}")


def assert_equal(first: Positions, second: Positions) -> None:
    for name, array in first.arrays().items():
        np.testing.assert_array_equal(array, second.arrays()[name], err_msg=name)


@pytest.mark.parametrize(
    ("starts", "max_plies"),
    [
        pytest.param(("startpos", HANDICAP), 40, id="cut-off-and-handicap"),
        pytest.param((ENDGAME,), 300, id="mates"),
    ],
)
def test_history_equals_lists_of_boards_through_ends_and_new_games(starts: tuple[str, ...], max_plies: int) -> None:
    games = Games(NUM_GAMES, starts=Starts.from_sfens(starts), max_plies=max_plies, seed=4, history=HISTORY)
    pasts: list[list[Seen]] = [[] for _ in range(NUM_GAMES)]
    num_ended = 0
    for _ in range(120):
        require_histories(games.positions, pasts, range(NUM_GAMES))
        for row, past in enumerate(pasts):
            past.append(seen(games.positions, row))
        games.step(games.sample())
        ended = np.flatnonzero(games.ending).tolist()
        require_histories(games.final, pasts, ended)
        num_ended += len(ended)
        for row in ended:
            pasts[row].clear()

    assert num_ended >= 10


def test_finished_game_keeps_its_history_until_it_begins_anew() -> None:
    games = Games(1, starts=Starts.from_sfens(["7lk/9/8G/9/9/9/9/9/4K4 b G 1"]), history=2)
    before = seen(games.positions, 0)
    mate = np.flatnonzero(legal_mask(games.positions)[0] & (np.arange(2187) // 81 == 26) & (np.arange(2187) % 81 == 1))
    games.step(mate.astype(np.int32), reset=False)
    kept = games.positions.history.copy()
    games.step(np.array([-1], np.int32))

    assert games.final.repetition[0] == 0
    np.testing.assert_array_equal(kept[0], expected([before], 1, 2))
    np.testing.assert_array_equal(games.positions.history, kept)
    games.reset()
    assert not games.positions.history.any()


def test_random_plies_of_an_opening_stand_in_the_history() -> None:
    opened = Games(NUM_GAMES, starts=Starts.standard(random_plies=7, min_random_plies=7), seed=2, history=9)
    played = Games(NUM_GAMES, seed=2, history=9)
    for _ in range(7):
        played.step(played.sample())

    assert_equal(opened.positions, played.positions)
    assert opened.positions.earlier_board.any(axis=2).sum(axis=1).tolist() == [7] * NUM_GAMES


def test_game_from_a_position_with_a_past_begins_without_one() -> None:
    games = Games(4, seed=1, history=3)
    games.step(games.sample())

    begun = Games(4, starts=Starts(games.positions), history=3)

    assert games.positions.history.any()
    assert not begun.positions.history.any()


def test_earlier_repetition_is_that_of_its_time() -> None:
    games = Games(1, history=5)
    for usi in ("2h3h", "8b7b", "3h2h", "7b8b", "2h3h"):
        games.step(np.array([usi_to_action(games.positions, usi)], np.int32))

    assert games.positions.repetition.tolist() == [1]
    assert games.positions.earlier_repetition.tolist() == [[1, 0, 0, 0, 0]]


def test_games_go_on_from_their_state_with_the_same_history() -> None:
    games, resumed = (Games(NUM_GAMES, max_plies=20, seed=seed, history=HISTORY) for seed in (1, 2))
    for _ in range(17):
        games.step(games.sample())
    resumed.load_state(games.state())
    for _ in range(9):
        for each in (games, resumed):
            each.step(each.sample())
        assert_equal(games.positions, resumed.positions)
        assert_equal(games.final, resumed.final)


@pytest.mark.parametrize("kept", [0, 2])
def test_state_with_a_longer_history_loses_the_oldest_positions(kept: int) -> None:
    games, resumed = Games(NUM_GAMES, seed=1, history=HISTORY), Games(NUM_GAMES, seed=2, history=kept)
    for _ in range(7):
        games.step(games.sample())
    resumed.load_state(games.state())

    assert_equal(resumed.positions, games.positions.with_history(kept))


def test_state_of_games_with_less_history_is_refused() -> None:
    with pytest.raises(ValueError, match="same max_plies and history"):
        Games(2, history=4).load_state(Games(2, history=3).state())
    with pytest.raises(ValueError, match=r"expected a state of games with .*positions\.history.*, got"):
        Games(2, history=3).load_state(Games(2).state())


def test_history_that_nobody_asks_for_takes_no_memory() -> None:
    games = Games(2)

    assert "positions.history" not in games.state()
    assert games.positions.bytes_per_position == 104
    assert Positions.empty(3, 7).bytes_per_position == 104 + 7 * 96


def test_negative_history_is_refused() -> None:
    with pytest.raises(ValueError, match="history must be >= 0, got -1"):
        Games(2, history=-1)


def test_sideline_has_the_position_it_leaves_as_the_first_before_it() -> None:
    games = Games(NUM_GAMES, seed=3, history=HISTORY)
    pasts: list[list[Seen]] = [[] for _ in range(NUM_GAMES)]
    for _ in range(HISTORY + 2):
        for row, past in enumerate(pasts):
            past.append(seen(games.positions, row))
        games.step(games.sample())
    for row, past in enumerate(pasts):
        past.append(seen(games.positions, row))

    after, _ = random_sidelines(games.positions, games.legal, np.random.default_rng(5))

    require_histories(after, pasts, range(NUM_GAMES))


def test_sideline_without_history_is_the_same_move() -> None:
    games = Games(NUM_GAMES, seed=3, history=HISTORY)
    one, other = (
        random_sidelines(positions, games.legal, np.random.default_rng(5))[0]
        for positions in (games.positions, games.positions.with_history(0))
    )

    assert_equal(one.with_history(0), other)


def test_positions_are_given_another_history_by_leaving_out_and_by_zeros() -> None:
    games = Games(4, history=HISTORY)
    for _ in range(HISTORY):
        games.step(games.sample())
    positions = games.positions

    shorter, longer = positions.with_history(2), positions.with_history(HISTORY + 2)

    assert positions.with_history(HISTORY) is positions
    np.testing.assert_array_equal(shorter.history, positions.history[:, :2])
    assert shorter.history.flags.c_contiguous
    np.testing.assert_array_equal(longer.history[:, :HISTORY], positions.history)
    assert not longer.history[:, HISTORY:].any()
    assert parse_sfen("startpos").with_history(3).history.shape == (1, 3, 96)


def test_mirrored_positions_have_a_mirrored_past() -> None:
    games = Games(4, seed=1, history=3)
    for _ in range(4):
        games.step(games.sample())
    mirrored = mirror_positions(games.positions)

    boards = games.positions.earlier_board.reshape(4, 3, 9, 9)
    np.testing.assert_array_equal(mirrored.earlier_board.reshape(4, 3, 9, 9), boards[:, :, ::-1])
    np.testing.assert_array_equal(mirrored.earlier_hands, games.positions.earlier_hands)
    assert_equal(mirror_positions(mirrored), games.positions)


def test_game_that_is_cut_off_is_kept_with_its_history() -> None:
    games = Games(2, max_plies=3, history=2)
    for _ in range(3):
        before = games.positions.board[:, ::-1].copy()
        games.step(games.sample())

    assert games.ending.tolist() == [Ending.MAX_PLIES] * 2
    np.testing.assert_array_equal(games.final.earlier_board[:, 0] == 0, before == 0)
    assert not games.positions.history.any()
