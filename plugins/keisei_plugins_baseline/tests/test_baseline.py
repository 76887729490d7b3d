import subprocess
import sys
from itertools import combinations

import pytest
import torch

from keisei_core.shogi import NUM_ACTIONS
from keisei_core.testing import corpus, feature_set
from keisei_plugins_baseline.network import build
from keisei_plugins_baseline.options import BaselineOptions

OPTIONAL = ("check", "repetition", "prom_zone", "last2ply", "hand_onehot")


@pytest.mark.parametrize("count", range(len(OPTIONAL) + 1))
def test_any_planes_pass_through(count: int) -> None:
    for chosen in combinations(OPTIONAL, count):
        features = feature_set("+".join(("core46", *chosen)))
        planes = torch.from_numpy(features.encode(corpus()[:2]) * features.scales[:, None, None])
        logits, value = build(features.channels, BaselineOptions(channels=2))(planes)
        assert (logits.shape, value.shape) == ((2, NUM_ACTIONS), (2,))


def test_network_is_one_convolution_and_two_linear_heads() -> None:
    network = build(feature_set("core46").channels, BaselineOptions())
    shapes = [tuple(parameter.shape) for parameter in network.parameters()]
    assert shapes == [(16, 46, 3, 3), (16,), (2187, 1296), (2187,), (1, 1296), (1,)]


@pytest.mark.parametrize(("channels", "complaint"), [(0, "must be at least 1, got 0"), (1025, "must be at most 1024")])
def test_option_out_of_range_is_refused(channels: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        BaselineOptions(channels=channels)


def test_declaring_the_network_loads_no_torch() -> None:
    code = (
        "import sys, keisei_plugins_baseline.hooks, keisei_plugins_baseline.options; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
