"""What is this network's own."""

import pytest
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
