"""Evaluating: the network behind its planes, and the policy over legal actions."""

from keisei_core.evaluate.actor_critic import ActorCritic
from keisei_core.evaluate.compilation import Compilation, compile_network, kept_buffers
from keisei_core.evaluate.device_queue import Answer, DeviceQueue
from keisei_core.evaluate.evaluator import Evaluator, Program
from keisei_core.evaluate.move_policy import MovePolicy
from keisei_core.evaluate.policy import entropy, log_policy, sample

__all__ = [
    "ActorCritic",
    "Answer",
    "Compilation",
    "DeviceQueue",
    "Evaluator",
    "MovePolicy",
    "Program",
    "compile_network",
    "entropy",
    "kept_buffers",
    "log_policy",
    "sample",
]
