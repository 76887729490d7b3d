"""What a segment knows of its games beside the plies: rewards and outcomes, worked out by hand."""

import numpy as np
import pytest

from keisei_core.decide import Column
from keisei_core.decide.column import missing_columns
from keisei_core.experience import Segment
from keisei_core.shogi import Ending

ON, MATE, DRAW, CUT = Ending.NONE, Ending.MATE, Ending.REPETITION, Ending.MAX_PLIES
GIVEN_UP = Ending.RESIGNATION
NAN = float("nan")
UNKNOWN = -1


def game(*endings: Ending) -> Segment:
    """One game's plies, whose actions are 10, 11, 12 and so on."""
    segment = Segment.empty(len(endings), 1, ())
    segment.ending[:, 0] = endings
    segment.action[:, 0] = 10 + np.arange(len(endings))
    return segment


@pytest.mark.parametrize(
    ("endings", "result", "plies_left", "next_action"),
    [
        pytest.param([ON, ON, MATE], [1, -1, 1], [3, 2, 1], [11, 12, UNKNOWN], id="mate"),
        pytest.param([ON, DRAW], [0, 0], [2, 1], [11, UNKNOWN], id="draw"),
        pytest.param(
            [ON, Ending.PERPETUAL_CHECK_BY_MOVER], [1, -1], [2, 1], [11, UNKNOWN], id="last-mover-gave-perpetual-check"
        ),
        pytest.param(
            [ON, Ending.PERPETUAL_CHECK_BY_OPPONENT], [-1, 1], [2, 1], [11, UNKNOWN], id="other-gave-perpetual-check"
        ),
        pytest.param([ON, Ending.DECLARATION], [1, -1], [2, 1], [11, UNKNOWN], id="next-to-move-declares"),
        pytest.param([ON, ON, GIVEN_UP], [-1, 1, -1], [3, 2, 1], [11, UNKNOWN, UNKNOWN], id="given-up"),
        pytest.param([ON, CUT], [NAN, NAN], [UNKNOWN, UNKNOWN], [11, UNKNOWN], id="cut"),
        pytest.param([ON, ON], [NAN, NAN], [UNKNOWN, UNKNOWN], [11, UNKNOWN], id="unfinished"),
        pytest.param(
            [MATE, ON, MATE, ON],
            [1, -1, 1, NAN],
            [1, 2, 1, UNKNOWN],
            [UNKNOWN, 12, UNKNOWN, UNKNOWN],
            id="game-after-game",
        ),
        pytest.param(
            [ON, CUT, ON, MATE],
            [NAN, NAN, -1, 1],
            [UNKNOWN, UNKNOWN, 2, 1],
            [11, UNKNOWN, 13, UNKNOWN],
            id="game-after-a-cut-one",
        ),
        pytest.param(
            [ON, DRAW, ON, CUT],
            [0, 0, NAN, NAN],
            [2, 1, UNKNOWN, UNKNOWN],
            [11, UNKNOWN, 13, UNKNOWN],
            id="cut-one-after-a-draw",
        ),
    ],
)
def test_outcomes_of_one_game(endings, result, plies_left, next_action):
    outcomes = game(*endings).outcomes

    np.testing.assert_array_equal(outcomes.result[:, 0], np.array(result, np.float32))
    assert outcomes.plies_left[:, 0].tolist() == plies_left
    assert outcomes.next_action[:, 0].tolist() == next_action
    assert (outcomes.result.dtype, outcomes.plies_left.dtype) == (np.float32, np.int32)
    assert outcomes.next_action.dtype == np.int16


def test_outcomes_of_games_side_by_side_are_those_of_each():
    random = np.random.default_rng(2)
    endings = random.choice([ON, ON, ON, MATE, DRAW, CUT, Ending.DECLARATION, GIVEN_UP], (40, 7))
    whole = Segment.empty(40, 7, ())
    whole.ending[:] = endings
    whole.action[:] = 10 + np.arange(40)[:, None]

    for column in range(7):
        alone = game(*map(Ending, endings[:, column])).outcomes
        for name in ("result", "plies_left", "next_action"):
            np.testing.assert_array_equal(getattr(whole.outcomes, name)[:, column], getattr(alone, name)[:, 0])


@pytest.mark.parametrize(
    ("ending", "reward"),
    [
        (ON, 0),
        (MATE, 1),
        (DRAW, 0),
        (Ending.PERPETUAL_CHECK_BY_MOVER, -1),
        (Ending.PERPETUAL_CHECK_BY_OPPONENT, 1),
        (Ending.DECLARATION, -1),
        (CUT, 0),
        (Ending.RESIGNATION, -1),
    ],
)
def test_reward_is_the_rules_for_the_player_who_moved(ending, reward):
    assert game(ending).reward.tolist() == [[reward]]


def test_every_ending_has_its_reward_above():
    assert len(Ending) == 8


@pytest.mark.parametrize(
    ("column", "told"),
    [
        (("Visits", np.int16), "name must be lower case letters, digits and _, got 'Visits'"),
        (("", np.int16), "name must be"),
        (("text", "U5"), "must be of numbers"),
        (("visits", np.int16, (0,)), "each side at least 1"),
    ],
)
def test_column_that_can_not_be_kept_is_refused(column, told):
    with pytest.raises(ValueError, match=told):
        Column(*column)


def test_column_is_kept_for_every_ply_in_its_own_dtype_and_shape():
    columns = (Column("visits", np.int16, (3, 2)), Column("root_value", np.float32))

    segment = Segment.empty(5, 4, columns)

    assert {name: (array.dtype, array.shape) for name, array in segment.columns.items()} == {
        "visits": (np.int16, (5, 4, 3, 2)),
        "root_value": (np.float32, (5, 4)),
    }
    assert segment.num_bytes - Segment.empty(5, 4, ()).num_bytes == 5 * 4 * (3 * 2 * 2 + 4)


def test_column_with_a_default_may_be_left_out_and_is_that_everywhere():
    wanted, given = Column("is_drawn", np.bool_, default=True), Column("is_drawn", np.bool_)

    assert missing_columns([wanted], []) == missing_columns([wanted], [given]) == []
    assert len(missing_columns([given], [])) == 1
    assert len(missing_columns([wanted], [Column("is_drawn", np.float32)])) == 1
    assert Segment.empty(2, 3, [wanted]).columns["is_drawn"].all()
