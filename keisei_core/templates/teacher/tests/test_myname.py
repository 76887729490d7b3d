"""What is this teacher's own."""

import numpy as np
import pytest
from keisei_core.shogi import action_to_usi, parse_sfen
from keisei_core.testing import TeacherUnderTest

from keisei_plugins_myname.options import MynameOptions
from keisei_plugins_myname.teacher import Myname, captures


@pytest.mark.parametrize(
    ("sfen", "taken"),
    [
        ("4k4/9/9/9/4r4/4P4/9/9/K8 b - 1", {"5f5e"}),
        ("4k4/9/9/9/4r4/9/9/9/K8 b P 1", set()),
    ],
)
def test_moves_that_take_a_piece_are_captures(sfen: str, taken: set[str]) -> None:
    position = parse_sfen(sfen)

    found = captures(position)

    assert {action_to_usi(position, int(action)) for action in np.flatnonzero(found[0])} == taken


def test_teacher_retires() -> None:
    options = MynameOptions(weight=2.0)
    teacher = TeacherUnderTest(make=lambda context: Myname(context, options)).build()

    assert [teacher.weight(progress) for progress in (0, 0.5, 1)] == [2, 1, 0]
