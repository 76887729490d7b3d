"""Learning: PPO over alternating players, from rollouts of self-play."""

from keisei_core.learn.advantage import estimate, following, generalized_advantages
from keisei_core.learn.learner import Learner, UpdateReport
from keisei_core.learn.loss import Loss, Minibatch, ppo_loss
from keisei_core.learn.optimizer_state import load_optimizer_tensors, optimizer_tensors

__all__ = [
    "Learner",
    "Loss",
    "Minibatch",
    "UpdateReport",
    "estimate",
    "following",
    "generalized_advantages",
    "load_optimizer_tensors",
    "optimizer_tensors",
    "ppo_loss",
]
