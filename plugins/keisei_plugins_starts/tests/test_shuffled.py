"""Shuffled set-ups: which pieces stand where, how often, and what rsshogi and cshogi say of them."""

from math import factorial

import cshogi
import numpy as np
import pytest
from rsshogi.core import Board

from keisei_core.shogi import START_SFEN, Positions, StartContext, format_sfen, legal_mask
from keisei_plugins_starts.options import ShuffledOptions
from keisei_plugins_starts.shuffled import Shuffled

OPTIONS = [
    ShuffledOptions(),
    ShuffledOptions(symmetric=False),
    ShuffledOptions(swaps=1),
    ShuffledOptions(symmetric=False, swaps=3),
    ShuffledOptions(plies=20),
]


def drawn(options: ShuffledOptions, num: int = 500, seed: int = 1) -> Positions:
    return Shuffled(StartContext(max_plies=320), options).draw(num, np.random.default_rng(seed))


def texts(positions: Positions) -> list[str]:
    return [format_sfen(positions, row) for row in range(len(positions))]


def ranks(sfen: str) -> list[str]:
    """The nine ranks of an SFEN, empty squares as dots."""
    board = sfen.split()[0]
    for number in range(1, 10):
        board = board.replace(str(number), "." * number)
    return board.split("/")


def with_the_other_to_move(sfen: str) -> str:
    board, side, hands, number = sfen.split()
    return " ".join([board, "w" if side == "b" else "b", hands, number])


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_positions_are_legal_in_the_opinion_of_others(options: ShuffledOptions) -> None:
    positions = drawn(options)

    for row, sfen in enumerate(texts(positions)):
        theirs, third = Board(sfen), cshogi.Board(sfen)
        assert theirs.validate_all().is_valid
        assert third.is_ok()
        num_legal = int(legal_mask(positions[row : row + 1]).sum())
        assert num_legal == len(theirs.legal_moves()) == len(list(third.legal_moves)) > 0
        assert not Board(with_the_other_to_move(sfen)).is_in_check()


@pytest.mark.parametrize("options", OPTIONS[:4], ids=str)
def test_each_rank_has_its_ordinary_pieces_and_pawns_stay(options: ShuffledOptions) -> None:
    ordinary = ranks(START_SFEN)

    for sfen in texts(drawn(options)):
        assert [sorted(rank) for rank in ranks(sfen)] == [sorted(rank) for rank in ordinary]
        assert ranks(sfen)[2:7] == ordinary[2:7]
        assert sfen.endswith(" b - 1")


@pytest.mark.parametrize("options", [OPTIONS[0], OPTIONS[2]], ids=str)
def test_symmetric_set_up_of_white_is_that_of_black_turned(options: ShuffledOptions) -> None:
    for sfen in texts(drawn(options)):
        assert "/".join(ranks(sfen))[::-1].swapcase() == "/".join(ranks(sfen))


def test_set_ups_of_the_sides_differ_where_they_are_drawn_apart() -> None:
    boards = ["/".join(ranks(sfen)) for sfen in texts(drawn(ShuffledOptions(symmetric=False)))]

    assert all(board[::-1].swapcase() != board for board in boards)


def test_every_order_of_a_rank_is_as_likely() -> None:
    second = [ranks(sfen)[7] for sfen in texts(drawn(ShuffledOptions(), num=7_200))]

    orders, counts = np.unique(second, return_counts=True)

    # 72 places for bishop and rook, each 100 times; five standard errors are 50.
    assert len(orders) == 72
    assert counts.min() > 50
    assert counts.max() < 150


def test_first_ranks_hardly_ever_come_twice() -> None:
    num_orders = factorial(9) // 2**4
    first = [ranks(sfen)[8] for sfen in texts(drawn(ShuffledOptions(), num=5_000))]

    expected = num_orders * (1 - (1 - 1 / num_orders) ** 5_000)
    assert len(set(first)) == pytest.approx(expected, rel=0.02)


@pytest.mark.parametrize(("swaps", "most"), [(1, 2), (2, 4), (3, 6)])
def test_no_more_squares_change_than_the_swaps_allow(swaps: int, most: int) -> None:
    before = "".join(ranks(START_SFEN)[7:])
    after = ["".join(ranks(sfen)[7:]) for sfen in texts(drawn(ShuffledOptions(swaps=swaps)))]

    changed = [sum(one != other for one, other in zip(before, text, strict=True)) for text in after]

    assert max(changed) == most
    assert 0 < np.mean(changed) < most


def test_random_plies_after_a_set_up_are_as_many_as_asked_for() -> None:
    positions = drawn(ShuffledOptions(plies=12), num=2_000)

    assert set(positions.ply.tolist()) == set(range(13))
