"""Random moves beside the games against rsshogi, and against playing every move in games."""

from collections.abc import Iterator

import numpy as np
import pytest
from rsshogi.core import Board

from keisei_core.shogi import (
    Games,
    Positions,
    Starts,
    find_mates,
    format_sfen,
    legal_mask,
    mates_beside,
    parse_sfen,
    random_sidelines,
)

SEED = 11
DROPS_AND_PROMOTIONS = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"


def played(num_games: int = 32) -> Iterator[Positions]:
    """Yields positions of random games, seen by Black and by White, out of the book and in the middle of fights."""
    for starts in (Starts.standard(), Starts.from_sfens([DROPS_AND_PROMOTIONS])):
        games = Games(num_games, starts=starts, seed=6)
        for ply in range(101):
            if ply % 25 in (0, 4):
                yield games.positions[np.arange(num_games)]
            games.step(games.sample())


def sidelines(positions: Positions, seed: int = SEED) -> tuple[Positions, np.ndarray]:
    return random_sidelines(positions, legal_mask(positions), np.random.default_rng(seed))


def same(positions: Positions, row: int, other: Positions, other_row: int) -> bool:
    """Tells whether two positions are equal in all but how often they stood before."""
    pairs = ((array[row], other.arrays()[name][other_row]) for name, array in positions.arrays().items())
    return all(
        np.array_equal(*pair) for name, pair in zip(positions.arrays(), pairs, strict=True) if name != "repetition"
    )


def test_sideline_is_one_legal_move_of_rsshogi_away() -> None:
    num_checks = 0
    for positions in played():
        after, _ = sidelines(positions)
        for row in range(len(positions)):
            board, reached = Board(format_sfen(positions, row)), {}
            for move in board.legal_moves():
                board.apply_move(move)
                reached[board.to_sfen()] = board.is_in_check()
                board.undo_move(move)
            assert reached[format_sfen(after, row)] == after.in_check[row]
            num_checks += int(after.in_check[row])
    assert num_checks > 20


def test_sideline_is_what_a_game_would_be_after_exactly_one_of_its_moves() -> None:
    for positions in played(num_games=12):
        positions.repetition[:] = 2
        after, legal_after = sidelines(positions)
        assert (after.repetition == 0).all()
        np.testing.assert_array_equal(legal_after, legal_mask(after))
        for row in range(len(positions)):
            actions = np.flatnonzero(legal_mask(positions[row : row + 1])[0]).astype(np.int32)
            games = Games(len(actions), starts=Starts(positions[row : row + 1]))
            games.step(actions, reset=False)
            assert sum(same(after, row, games.positions, each) for each in range(len(games))) == 1


def test_positions_and_masks_stay_as_they_are_even_where_they_can_not_be_written() -> None:
    positions = next(played())
    legal = legal_mask(positions)
    before = {name: array.copy() for name, array in positions.arrays().items()} | {"legal": legal.copy()}
    for array in (*positions.arrays().values(), legal):
        array.flags.writeable = False

    after, legal_after = random_sidelines(positions, legal, np.random.default_rng(SEED))

    for name, array in (positions.arrays() | {"legal": legal}).items():
        np.testing.assert_array_equal(array, before[name], err_msg=name)
    assert not np.shares_memory(after.board, positions.board)
    assert not np.shares_memory(legal_after, legal)


def test_same_seed_draws_the_same_moves_and_another_seed_others() -> None:
    positions = list(played())[-1]
    first, again, other = (sidelines(positions, seed)[0].board for seed in (SEED, SEED, SEED + 1))

    np.testing.assert_array_equal(first, again)
    assert (first != other).any(axis=1).sum() > len(positions) / 2


def test_every_legal_move_is_as_likely() -> None:
    start = parse_sfen(DROPS_AND_PROMOTIONS)
    legal = legal_mask(start)
    num_moves, num_draws = int(legal.sum()), 100
    positions = start[np.zeros(num_moves * num_draws, np.int64)]

    after, _ = sidelines(positions)
    boards, counts = np.unique(after.board, axis=0, return_counts=True)

    assert num_moves > 300
    assert len(boards) == num_moves
    assert counts.mean() == num_draws
    # The counts' variance is their mean, and the spread of that is sqrt(2 / moves) of it.
    assert counts.var() / num_draws == pytest.approx(1, abs=5 * np.sqrt(2 / num_moves))


def test_position_without_a_move_stays() -> None:
    mated = parse_sfen("8k/8G/8G/9/9/9/9/9/4K4 w - 7")
    after, legal_after = sidelines(mated)

    assert format_sfen(after) == format_sfen(mated)
    assert legal_after.sum() == 0


def plainly(positions: Positions, num_tries: int, random: np.random.Generator) -> tuple[Positions, np.ndarray]:
    """Does what `mates_beside` does by trying move after move and looking everywhere."""
    tried = [random_sidelines(positions, legal_mask(positions), random) for _ in range(num_tries)]
    mates = [find_mates(after, legal) for after, legal in tried]
    kept = [found.any(axis=1) for found in mates]
    parts = [after[rows] for (after, _), rows in zip(tried, kept, strict=True)]
    return Positions.concatenate(parts), np.concatenate([found[rows] for found, rows in zip(mates, kept, strict=True)])


def test_mates_beside_are_those_that_trying_move_after_move_finds() -> None:
    positions = Positions.concatenate(list(played()))

    beside, mates = mates_beside(positions, 8, np.random.default_rng(SEED))

    expected, expected_mates = plainly(positions, 8, np.random.default_rng(SEED))
    assert len(beside) > 100
    for name, array in beside.arrays().items():
        np.testing.assert_array_equal(array, expected.arrays()[name], err_msg=name)
    np.testing.assert_array_equal(mates, expected_mates)


def test_nothing_lies_beside_positions_without_a_move() -> None:
    beside, mates = mates_beside(parse_sfen("8k/8G/8G/9/9/9/9/9/4K4 w - 7"), 3, np.random.default_rng(SEED))

    assert len(beside) == len(mates) == 0
