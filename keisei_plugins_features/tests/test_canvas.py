"""Planes written over earlier ones, and by several threads: the same planes as written anew by one."""

from collections.abc import Iterator
from typing import NoReturn

import numpy as np
import pytest

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.plugins import load_registry
from keisei_core.shogi import Games, Positions, Starts, UInt8Array, use_crew

ALL = "core46+all+attacks+safe+history"
NUM_GAMES = 40


@pytest.fixture(autouse=True)
def alone_again() -> Iterator[None]:
    yield
    use_crew(1)


def build(names: str) -> FeatureSet:
    return FeatureSet([choice.build(PlaneContext(max_plies=60)) for choice in load_registry().resolve_features(names)])


def noise(num_positions: int, features: FeatureSet) -> UInt8Array:
    shape = (num_positions, features.num_channels, 9, 9)
    return np.random.default_rng(3).integers(0, 256, shape, np.uint8)


def new_games() -> Games:
    return Games(NUM_GAMES, max_plies=60, starts=Starts.standard(random_plies=12), seed=3, history=7)


@pytest.mark.parametrize("num_threads", [1, 2, 5])
def test_planes_written_over_earlier_ones_are_those_written_anew(num_threads: int) -> None:
    features, games = build(ALL), new_games()
    canvas = features.canvas(noise(NUM_GAMES, features))
    for _ in range(70):
        use_crew(1)
        anew = features.encode(games.positions)
        use_crew(num_threads)
        np.testing.assert_array_equal(features.encode(games.positions), anew)
        np.testing.assert_array_equal(features.encode_over(games.positions, canvas), anew)
        games.step(games.sample())


def test_planes_of_fewer_or_other_positions_are_written_over_those_of_the_last() -> None:
    features, games = build(ALL), new_games()
    canvas = features.canvas(noise(NUM_GAMES, features))
    for number in range(40):
        rows = np.random.default_rng(number).permutation(NUM_GAMES)[: 1 + number]
        positions = games.positions[rows]
        np.testing.assert_array_equal(features.encode_over(positions, canvas), features.encode(positions))
        games.step(games.sample())


def test_planes_of_positions_that_keep_more_history_follow_them() -> None:
    features, games = build("core46+history"), Games(8, history=9)
    canvas = features.canvas(noise(8, features))
    for _ in range(12):
        np.testing.assert_array_equal(features.encode_over(games.positions, canvas), features.encode(games.positions))
        games.step(games.sample())


def test_planes_that_stand_already_are_not_written_again() -> None:
    features, games = build("hand_onehot"), new_games()
    canvas = features.canvas(noise(NUM_GAMES, features))
    features.encode_over(games.positions, canvas)
    canvas.planes[:] = 77
    assert (features.encode_over(games.positions, canvas) == 77).all()


def test_planes_are_right_after_tasks_were_bound_to_others_and_that_was_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    features, games, others = build(ALL), new_games(), Games(NUM_GAMES, history=7)
    canvas = features.canvas(noise(NUM_GAMES, features))
    features.encode_over(games.positions, canvas)
    monkeypatch.setattr(canvas, "keep", interrupted)
    with pytest.raises(KeyboardInterrupt):
        features.encode_over(others.positions, canvas)
    monkeypatch.undo()

    np.testing.assert_array_equal(features.encode_over(games.positions, canvas), features.encode(games.positions))


def test_more_positions_than_a_canvas_has_room_for_are_refused() -> None:
    features = build("core46")
    with pytest.raises(ValueError, match="canvas has room for 3 positions, got 4"):
        features.encode_over(Positions.empty(4), features.canvas(noise(3, features)))
