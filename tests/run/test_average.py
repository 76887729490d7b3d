"""The average of the weights: what it is, and that it plays where the weights themselves learn."""

import pytest
import torch

from keisei_core.arena import find_network
from keisei_core.checkpoint import read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.run import Training
from keisei_core.run.average import AverageNetwork

ALONE = Single(torch.device("cpu"))


def test_average_is_that_of_plain_numbers(tiny):
    training = Training(tiny(), ALONE)
    average = AverageNetwork(training.network, share=0.5)
    expected = {name: tensor.clone() for name, tensor in training.network.network.state_dict().items()}

    for update in (1, 2, 30):
        training.update()
        kept = min(0.5, (1 + update) / (10 + update))
        average.follow(training.network, update)
        for name, tensor in training.network.network.state_dict().items():
            expected[name] = kept * expected[name] + (1 - kept) * tensor

    for name, tensor in average.weights().items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-5, atol=1e-7)
        assert not torch.equal(tensor, training.network.network.state_dict()[name])


def test_learning_and_self_play_are_those_of_a_run_without(tiny):
    plain, averaged = Training(tiny(), ALONE), Training(tiny(learning__averaging=0.9), ALONE)
    for training in (plain, averaged):
        for _ in range(2):
            training.update()

    one, other = (training.network.state_dict() for training in (plain, averaged))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert plain.average is None
    assert plain.player_evaluator is plain.evaluator


@pytest.mark.parametrize("averaging", [0.0, 0.9])
def test_what_plays_in_matches_and_is_read_back_is_the_average(tiny, tmp_path, averaging):
    training = Training(tiny(learning__averaging=averaging), ALONE)
    training.update()
    write_checkpoint(tmp_path / "update-000001", training.checkpoint())
    checkpoint = read_checkpoint(tmp_path / "update-000001")

    played = training.player_evaluator.network.network.state_dict()
    read = find_network(tmp_path / "update-000001").weights

    assert all(torch.equal(played[name], read[name]) for name in read)
    assert bool(checkpoint.average) == bool(averaging)
    assert (tmp_path / "update-000001" / "average.safetensors").exists() == bool(averaging)
    is_raw = all(torch.equal(checkpoint.weights[name], read[name]) for name in read)
    assert is_raw is not bool(averaging)


def test_run_that_begins_to_average_begins_with_its_weights(tiny):
    training = Training(tiny(), ALONE)
    training.update()
    resumed = Training(tiny(learning__averaging=0.9), ALONE)
    resumed.restore(training.checkpoint())

    own = resumed.average.weights()
    assert all(torch.equal(own[name], tensor) for name, tensor in resumed.network.network.state_dict().items())
