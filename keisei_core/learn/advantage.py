"""Advantages over alternating players: two players seen as one process whose sign turns at every ply.

V is always the mover's, so the value of the next position counts negated, and so does the carry of the estimate
(GAE, Schulman et al. 2016, in negamax form). A game cut off for its length goes on in the estimate with the value of
its last position; it is never a draw.

Shape key: T plies, B games.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.experience import Rollout

Float32Array = NDArray[np.float32]


def generalized_advantages(
    reward: Float32Array,
    value: Float32Array,
    next_value: Float32Array,
    went_on: NDArray[np.bool_],
    *,
    gamma: float,
    gae_lambda: float,
) -> Float32Array:
    """Returns the advantage of each ply for the player who moved, float32 [T, B].

    Args:
        reward: float32 [T, B], for the player who moved.
        value: float32 [T, B], for the player who moved.
        next_value: float32 [T, B], for the other player, who moves next; 0 after a game that the rules ended.
        went_on: bool [T, B], False where the game ended or was cut off: nothing is carried back over it.
        gamma: discount per ply.
        gae_lambda: decay of the carry per ply.
    """
    delta = reward - gamma * next_value - value
    advantage = np.zeros_like(delta)
    carry = np.zeros(delta.shape[1], np.float32)
    for ply in reversed(range(len(delta))):
        carry = delta[ply] - gamma * gae_lambda * went_on[ply] * carry
        advantage[ply] = carry
    return advantage


def estimate(rollout: Rollout, reward: Float32Array, *, gamma: float, gae_lambda: float) -> Float32Array:
    """Returns the advantages of a rollout, float32 [T, B], for the player who moved.

    Args:
        rollout: with the values of the network that played it.
        reward: float32 [T, B], for the player who moved.
        gamma: discount per ply.
        gae_lambda: decay of the carry per ply.
    """
    return generalized_advantages(
        reward,
        rollout.value[:-1],
        following(rollout.value, rollout.cut_value, rollout),
        rollout.went_on,
        gamma=gamma,
        gae_lambda=gae_lambda,
    )


def following(after: Float32Array, beyond_cut: Float32Array, rollout: Rollout) -> Float32Array:
    """Returns a quantity of the position after each ply, float32 [T, B], seen by the player then to move.

    Args:
        after: float32 [T + 1, B], the quantity at every position of the rollout.
        beyond_cut: float32 [T, B], the quantity at the last position of each game cut off.
        rollout: tells which games went on; after a game that the rules ended the quantity is 0.
    """
    return np.where(rollout.went_on, after[1:], np.where(rollout.was_cut, beyond_cut, np.float32(0)))
