"""What this algorithm does."""

from types import SimpleNamespace

import attrs
import numpy as np
from keisei_core.experience import Segment
from keisei_core.shogi import Ending

from keisei_plugins_myname.algorithm import MynameAlgorithm
from keisei_plugins_myname.options import MynameOptions


def targets(endings: list[Ending], values: list[float], value_after: float) -> list[float]:
    """Returns the targets of one game's plies."""
    segment = Segment.empty(len(endings), 1, MynameAlgorithm.columns)
    segment.columns["value"][:, 0] = values
    segment.ending[:, 0] = endings
    cut = np.flatnonzero(segment.was_cut)
    segment = attrs.evolve(segment, cut=segment.positions[cut], cut_rows=cut)
    evaluator = SimpleNamespace(value=lambda positions: np.full(len(positions), value_after, np.float32))
    algorithm = MynameAlgorithm(SimpleNamespace(evaluator=evaluator), MynameOptions(gamma=1.0))  # type: ignore[arg-type]
    return [round(float(target), 6) for target in algorithm.target(segment)[:, 0]]


def test_position_is_worth_what_the_opponents_next_one_is_not() -> None:
    assert targets([Ending.NONE, Ending.NONE], [0.1, 0.25], value_after=-0.5) == [-0.25, 0.5]


def test_mate_is_worth_1_to_the_player_who_moved() -> None:
    assert targets([Ending.MATE, Ending.NONE], [0.1, 0.2], value_after=0.0) == [1.0, 0.0]


def test_game_that_was_cut_off_is_no_draw() -> None:
    assert targets([Ending.MAX_PLIES, Ending.REPETITION], [0.1, 0.2], value_after=0.75) == [-0.75, 0.0]
