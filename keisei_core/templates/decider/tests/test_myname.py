"""What this decider does."""

import numpy as np
import torch
from keisei_core.decide import DeciderContext

from keisei_plugins_myname.decider import MynameDecider
from keisei_plugins_myname.options import MynameOptions


def temperatures(plies: list[int]) -> list[float]:
    """Returns the temperature at some plies of a game."""
    context = DeciderContext(num_games=len(plies), device=torch.device("cpu"))
    decider = MynameDecider(context, MynameOptions(temperature=2.0, plies=10))
    return [float(one) for one in decider.temperature(np.array(plies, np.uint16))]


def test_temperature_goes_linearly_to_1_and_stays_there() -> None:
    assert temperatures([0, 5, 10, 300]) == [2.0, 1.5, 1.0, 1.0]


def test_temperature_is_kept_of_every_ply() -> None:
    assert [column.name for column in MynameDecider.columns] == ["log_prob", "value", "temperature"]
