"""What is this network's own."""

from types import SimpleNamespace
from typing import cast

import pytest
import torch
from keisei_core.learn import Batch
from keisei_core.testing import feature_set

from keisei_plugins_myname.network import build
from keisei_plugins_myname.options import MynameOptions


@pytest.mark.parametrize("depth", [1, 4])
def test_depth_is_the_number_of_blocks(depth: int) -> None:
    network = build(feature_set("core46").channels, MynameOptions(depth=depth))

    assert len(network.blocks) == depth + 1  # the last one is the normalisation


def test_width_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="must be at least 8, got 4"):
        MynameOptions(width=4)


def test_games_whose_end_is_not_known_teach_nothing_about_it() -> None:
    network = build(feature_set("core46").channels, MynameOptions(plies_left_weight=0.5))
    batch = cast(Batch, SimpleNamespace(plies_left=torch.tensor([150, -1])))

    loss, figures = network.auxiliary_loss({"plies_left": torch.tensor([1.0, 9.0])}, batch)

    assert float(figures["plies_left_loss"]) == pytest.approx(0.5 * 0.5**2)  # half the square of 1.5 less 1
    assert float(loss) == pytest.approx(0.5 * 0.5 * 0.5**2)
