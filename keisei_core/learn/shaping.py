"""Material shaping: a reward for leading that leaves the best policy what it was.

Potential-based (Ng, Harada and Russell 1999) in negamax form: with Phi seen by the side to move, the player who moved
gets F = -gamma * Phi(next) - Phi(now), and Phi is 0 once the rules have ended the game.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.experience import Rollout
from keisei_core.learn.advantage import following

Float32Array = NDArray[np.float32]


def potential(material: Float32Array, *, weight: float, scale: float) -> Float32Array:
    """Returns Phi = weight * tanh(material / scale), in units of reward, seen as `material` is."""
    shaped: Float32Array = np.float32(weight) * np.tanh(material / np.float32(scale))
    return shaped


def shaping_reward(rollout: Rollout, *, weight: float, scale: float, gamma: float) -> Float32Array:
    """Returns the shaping reward of each ply for the player who moved, float32 [T, B]."""
    now = potential(rollout.material, weight=weight, scale=scale)
    beyond_cut = potential(rollout.cut_material, weight=weight, scale=scale)
    return -gamma * following(now, beyond_cut, rollout) - now[:-1]
