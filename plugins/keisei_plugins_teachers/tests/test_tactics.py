"""Lessons: sound moves row by row, and mates one random move beside given positions."""

import numpy as np
import pytest

from keisei_core.experience import Segment
from keisei_core.learn import Lessons, Targets, Taught
from keisei_core.shogi import PIECE_VALUES, Games, Positions, Starts, find_mates, find_sound, legal_mask
from keisei_plugins_teachers.options import TacticsOptions
from keisei_plugins_teachers.tactics import CHUNK, SIDELINES, Tactics, lessons_beside, sound_moves

MATE_WEIGHT = 3.5
MARGIN = 2
NOBODY = None
"""In place of the context, which this teacher does not look at."""
NEAR_MATE = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"


@pytest.fixture(scope="module")
def positions() -> Positions:
    """More than one chunk of positions, some with mates; the last chunk is not full."""
    parts = []
    for starts in (Starts.standard(), Starts.from_sfens([NEAR_MATE])):
        games = Games(230, seed=3, starts=starts)
        for ply in range(60):
            if ply % 20 == 0:
                parts.append(games.positions[np.arange(230)])
            games.step(games.sample())
    return Positions.concatenate(parts)


def assert_equal(first: Lessons, second: Lessons) -> None:
    for name, array in first.positions.arrays().items():
        np.testing.assert_array_equal(array, second.positions.arrays()[name], err_msg=name)
    assert_same_targets(first.targets, second.targets)


def assert_same_targets(first: Targets, second: Targets) -> None:
    np.testing.assert_array_equal(first.policy.mask, second.policy.mask)
    np.testing.assert_array_equal(first.weight, second.weight)


def taught(positions: Positions, random: np.random.Generator | None = None, **options: float) -> Taught:
    """What is taught of positions that stand in a segment from the last to the first."""
    segment = Segment.empty(1, len(positions), ())
    segment.positions[:] = positions[::-1]
    rows = np.arange(len(positions))[::-1].copy()
    chosen = TacticsOptions(margin=MARGIN, mate_weight=MATE_WEIGHT, **options)
    return Tactics(NOBODY, chosen).teach(segment, rows, random or np.random.default_rng(4))


def test_targets_are_the_sound_moves_of_each_position(positions):
    assert CHUNK < len(positions) < 2 * CHUNK
    targets = taught(positions).of_plies(np.arange(len(positions)))
    sound = targets.policy.mask

    assert len(targets) == len(targets.policy) == len(positions)
    assert targets.problem(legal_mask(positions) != 0) == ""
    for row in range(len(positions)):
        one = positions[row : row + 1]
        found = find_sound(one, legal_mask(one), PIECE_VALUES, MARGIN)
        np.testing.assert_array_equal(sound[row], found.sound[0])
        assert targets.weight[row] == (MATE_WEIGHT if found.has_mate[0] else 1)
    assert 10 < (targets.weight == MATE_WEIGHT).sum() < len(positions) / 2


def test_targets_of_some_plies_are_theirs_in_any_order_and_found_once(positions, monkeypatch):
    whole = taught(positions).of_plies(np.arange(len(positions)))
    study, looked_at = taught(positions).study, []

    def counted(part: Positions, margin: int, mate_weight: float) -> object:
        looked_at.append(len(part))
        return sound_moves(part, margin, mate_weight)

    monkeypatch.setattr("keisei_plugins_teachers.tactics.sound_moves", counted)
    for rows in (np.array([5, 3, 3, len(positions) - 1]), np.array([2, 5]), np.array([3, 2])):
        assert_same_targets(study(rows), whole[rows])
    assert looked_at == [3, 1]


def test_lessons_beside_teach_every_mate_and_nothing_else(positions):
    lessons = lessons_beside(positions, MATE_WEIGHT, np.random.default_rng(1))

    mates = find_mates(lessons.positions, legal_mask(lessons.positions))
    assert mates.any(axis=1).all()
    np.testing.assert_array_equal(lessons.targets.policy.mask, mates)
    assert (lessons.targets.weight == MATE_WEIGHT).all()
    assert 50 < len(lessons) < len(positions) * SIDELINES / 5


def test_lessons_beside_are_one_legal_move_from_a_position(positions):
    few = positions[::10]
    reached = set()
    for row in range(len(few)):
        actions = np.flatnonzero(legal_mask(few[row : row + 1])[0]).astype(np.int32)
        games = Games(len(actions), starts=Starts(few[row : row + 1]))
        games.step(actions, reset=False)
        reached |= set(bytes_of(games.positions))
    lessons = lessons_beside(few, MATE_WEIGHT, np.random.default_rng(1))

    assert len(lessons) > 3
    assert set(bytes_of(lessons.positions)) <= reached


def bytes_of(positions: Positions) -> list[bytes]:
    """Returns each position but how often it stood before."""
    arrays = [array for name, array in positions.arrays().items() if name != "repetition"]
    return [b"".join(array[row].tobytes() for array in arrays) for row in range(len(positions))]


def test_lessons_beside_follow_their_seed_and_are_new_ones_otherwise(positions):
    first, again, other = (lessons_beside(positions, 1.0, np.random.default_rng(seed)) for seed in (1, 1, 2))

    assert_equal(first, again)
    shared = set(bytes_of(first.positions)) & set(bytes_of(other.positions))
    assert len(shared) < len(first) / 2


def test_there_may_be_no_mate_beside():
    lessons = lessons_beside(Games(4).positions, 1.0, np.random.default_rng(1))

    assert len(lessons) == 0
    assert lessons.targets.policy.mask.shape == (0, 2187)
    assert len(lessons.positions) == 0


def test_mates_beside_the_games_that_count_for_nothing_are_refused():
    with pytest.raises(ValueError, match=r"must be 0 where mate_weight is 0, got 0\.25"):
        TacticsOptions(side_mates=0.25, mate_weight=0.0)


def test_some_of_the_plies_are_looked_at_and_count_for_the_others(positions):
    rows = np.arange(len(positions))
    whole, part = (taught(positions, plies=plies).of_plies(rows) for plies in (1.0, 0.25))

    drawn = np.flatnonzero(part.weight)
    assert len(drawn) == round(len(rows) / 4)
    assert len(part) == len(rows)
    np.testing.assert_array_equal(part.policy.packed[drawn], whole.policy.packed[drawn])
    np.testing.assert_allclose(part.weight[drawn], whole.weight[drawn] * len(rows) / len(drawn))
    assert np.diff(drawn).std() > 1  # drawn, not every fourth


def test_lessons_for_all_plies_draw_nothing(positions):
    random = np.random.default_rng(4)
    taught(positions, random)

    assert random.bit_generator.state == np.random.default_rng(4).bit_generator.state
