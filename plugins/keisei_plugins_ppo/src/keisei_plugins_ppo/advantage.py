"""Advantages over alternating players: two players seen as one process whose sign turns at every ply.

V is always the mover's, so the value of the next position counts negated, and so does the carry of the estimate
(GAE, Schulman et al. 2016, in negamax form). A game cut off for its length goes on in the estimate with the value of
its last position; it is never a draw.

Shape key: T plies, B games.
"""

import numpy as np
from numpy.typing import NDArray

from keisei_core.experience import Segment

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


def estimate(
    segment: Segment, value: Float32Array, beyond_cut: Float32Array, *, gamma: float, gae_lambda: float
) -> Float32Array:
    """Returns the advantages of a segment, float32 [T, B], for the player who moved.

    Args:
        segment: rewards and ends.
        value: float32 [T + 1, B], of every position and of those after the last ply, by the network that played it.
        beyond_cut: float32 [T, B], where a game was cut off: the value of its last position; else not looked at.
        gamma: discount per ply.
        gae_lambda: decay of the carry per ply.
    """
    return generalized_advantages(
        segment.reward,
        value[:-1],
        following(value, beyond_cut, segment),
        segment.went_on,
        gamma=gamma,
        gae_lambda=gae_lambda,
    )


def following(value: Float32Array, beyond_cut: Float32Array, segment: Segment) -> Float32Array:
    """Returns the value of the position after each ply, float32 [T, B], seen by the player then to move.

    Args:
        value, beyond_cut: see `estimate`.
        segment: tells which games went on; after a game that the rules ended the value is 0.
    """
    return np.where(segment.went_on, value[1:], np.where(segment.was_cut, beyond_cut, np.float32(0)))
