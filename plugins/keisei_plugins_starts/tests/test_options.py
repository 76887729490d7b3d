import subprocess
import sys

import pytest

from keisei_plugins_starts.options import BookOptions, ShuffledOptions


@pytest.mark.parametrize(
    ("cls", "options", "complaint"),
    [
        (BookOptions, {"plies": -1}, "must be at least 0, got -1"),
        (ShuffledOptions, {"swaps": -1}, "must be at least 0, got -1"),
        (ShuffledOptions, {"swaps": 101}, "must be at most 100, got 101"),
        (ShuffledOptions, {"plies": 301}, "must be at most 300, got 301"),
    ],
)
def test_option_out_of_range_is_refused(cls: type, options: dict[str, int], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        cls(**options)


def test_declaring_the_starts_loads_nothing_heavy() -> None:
    code = (
        "import sys, keisei_plugins_starts.hooks, keisei_plugins_starts.options;"
        "sys.exit(bool({'torch', 'numba', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
