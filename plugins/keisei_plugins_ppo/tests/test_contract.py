"""PPO keeps the contract of algorithms."""

from keisei_core.testing import AlgorithmContract


class TestPPO(AlgorithmContract):
    name = "ppo"


class TestPPOScaledByMinibatch(AlgorithmContract):
    name = "ppo"
    options = {"advantage_scaling": "minibatch", "epochs": 1, "target_kl": 0.0}


class TestPPOWithReplay(AlgorithmContract):
    name = "ppo"
    options = {"epochs": 1, "target_kl": 0.0, "replay_passes": 2, "replay_window": 3}
