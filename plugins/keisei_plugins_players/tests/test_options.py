import subprocess
import sys

import pytest

from keisei_plugins_players.options import AlphaBetaOptions


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"depth": 0}, "depth|must be at least 1, got 0"),
        ({"depth": 9}, "must be at most 8, got 9"),
        ({"random_moves": -0.1}, "must be at least 0"),
        ({"random_moves": 1.5}, "must be at most 1, got 1.5"),
    ],
)
def test_option_out_of_range_is_refused(options: dict[str, float], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        AlphaBetaOptions(**options)


def test_declaring_the_players_loads_nothing_heavy() -> None:
    code = (
        "import sys, keisei_plugins_players.hooks, keisei_plugins_players.options;"
        "sys.exit(bool({'torch', 'numba', 'numpy'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
