"""Positions as arrays: selecting and joining them."""

import numpy as np

from keisei_core.shogi import Games, Positions


def test_joining_parts_gives_back_what_was_cut_and_is_a_copy() -> None:
    games = Games(7, seed=2)
    for _ in range(30):
        games.step(games.sample())
    positions = games.positions
    joined = Positions.concatenate([positions[:3], positions[3:3], positions[np.arange(3, 7)]])

    for name, array in positions.arrays().items():
        np.testing.assert_array_equal(joined.arrays()[name], array, err_msg=name)
        assert joined.arrays()[name].dtype == array.dtype
        assert not np.shares_memory(joined.arrays()[name], array)
