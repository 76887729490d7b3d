import math
import subprocess
import sys

import pytest

from keisei_plugins_resnet.options import ResNetOptions


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("tower_depth", 0, "must be at least 1, got 0"),
        ("tower_depth", 101, "must be at most 100, got 101"),
        ("tower_width", 0, "must be at least 1, got 0"),
        ("tower_width", 1025, "must be at most 1024, got 1025"),
        ("se_ratio", -0.1, "must be at least 0, got -0.1"),
        ("se_ratio", 1.5, "must be at most 1, got 1.5"),
        ("se_ratio", math.nan, "must be at least 0, got nan"),
        ("pool_every", -1, "must be at least 0, got -1"),
        ("pool_every", 4, r"must be at most tower_depth \(3\), or no block pools; got 4"),
        ("norm_widths", (16, 8), r"widths of at least 1 that add up to tower_width \(32\), got \[16, 8\]"),
        ("norm_widths", (33, -1), r"got \[33, -1\]"),
    ],
)
def test_option_out_of_range_is_refused(key: str, value: object, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        ResNetOptions(**{key: value})


def test_declaring_the_network_loads_no_torch() -> None:
    code = "import sys, keisei_plugins_resnet.hooks, keisei_plugins_resnet.options; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
