"""Networks that were kept in an older format play, and their value says the result."""

from pathlib import Path

import numpy as np
import pytest
import torch

from keisei_core.arena.trained_network import find_network
from keisei_core.decide import DeciderContext, PolicyDecider
from keisei_core.experience import Lockstep
from keisei_core.plugins import load_registry
from keisei_core.shogi import Games, Starts

RESULTS = Path(__file__).parents[2] / "docs" / "results"
CPU = torch.device("cpu")


def value_and_result(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """V of the positions of a network's games with itself that ended by the rules, and their results for the mover."""
    evaluator = find_network(path).evaluator(load_registry(), CPU)
    games = Games(64, max_plies=320, starts=Starts.standard(random_plies=8), seed=1)
    decider = PolicyDecider(DeciderContext(num_games=64, device=CPU))
    source = Lockstep(
        games, decider, evaluator, torch.Generator().manual_seed(0), num_plies=160, columns=decider.columns
    )
    segment, _ = source.next()
    result = segment.outcomes.result
    ended = np.isfinite(result)
    return segment.columns["value"][ended], result[ended]


@pytest.mark.parametrize(
    ("network", "material"),
    [("gate/new", 1.0), ("long_run_4x64/network", 0.5)],
)
def test_value_of_an_old_network_goes_with_the_results_of_its_games(network, material):
    """Its head alone was taught the result less a potential: of gate/new it goes against the result."""
    path = RESULTS / network
    assert find_network(path).state["config"]["value"]["material"] == material

    value, result = value_and_result(path)

    assert len(value) > 3_000
    assert np.corrcoef(value, result)[0, 1] >= 0.3


def test_value_of_the_old_cnn_says_little_but_nothing_wrong():
    """Its games are decided by blunders that neither its head nor the material foresees: a correlation of about +.1."""
    value, result = value_and_result(RESULTS / "gate/old")

    assert np.corrcoef(value, result)[0, 1] > 0
