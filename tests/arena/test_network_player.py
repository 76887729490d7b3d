"""A network as a player."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from keisei_core.arena import NetworkPlayer
from keisei_core.evaluate import log_policy
from keisei_core.observe import Needs
from keisei_core.shogi import Positions, action_to_usi, legal_mask, parse_sfen
from keisei_core.shogi.starts import join

FAVOURITE = 7


class Sharp:
    """Stands in for an evaluator whose policy plays one move of fifty with 95 %."""

    device = torch.device("cpu")
    network = SimpleNamespace(eval=lambda: None)
    features = SimpleNamespace(needs=Needs())

    def watch(self):
        """Has nothing to look out for."""

    def require_values(self):
        """Finds nothing wrong."""

    def policy_and_value(self, positions, legal, temperature):
        logits = torch.zeros(legal.shape)
        logits[:, FAVOURITE] = np.log(0.95 / (0.05 / 49))
        return log_policy(logits / torch.from_numpy(temperature)[:, None], torch.from_numpy(legal)), torch.zeros(
            len(legal)
        )


def chosen_of_many(**options) -> np.ndarray:
    legal = np.zeros((4_000, 2187), np.uint8)
    legal[:, :50] = 1
    return NetworkPlayer(Sharp(), seed=0, **options).choose(Positions.empty(4_000), legal)


@pytest.mark.parametrize(
    ("temperature", "expected"),
    [
        pytest.param(1.0, 0.95, id="as-trained"),
        pytest.param(0.5, 0.9999, id="sharper"),
        pytest.param(2.0, 0.38, id="flatter"),
        pytest.param(0.0, 1.0, id="greedy"),
    ],
)
def test_player_prefers_its_favourite_as_its_temperature_says(temperature, expected):
    # Three standard errors of 4,000 draws are below 0.023.
    assert (chosen_of_many(temperature=temperature) == FAVOURITE).mean() == pytest.approx(expected, abs=0.023)


def test_mate_in_one_is_played_only_under_the_rule_and_only_where_there_is_one():
    mate, quiet = parse_sfen("4k4/9/4P4/9/9/9/9/9/4K4 b G 1"), parse_sfen("startpos")
    positions = join([mate, quiet])
    legal = legal_mask(positions)

    with_rule = NetworkPlayer(Sharp(), temperature=0, seed=0, mates_in_one=True).choose(positions, legal)
    without = NetworkPlayer(Sharp(), temperature=0, seed=0).choose(positions, legal)

    assert action_to_usi(mate, int(with_rule[0])) == "G*5b"
    assert without[0] != with_rule[0]
    assert without[1] == with_rule[1]
