"""The formula of docs/scaling.md: plies a second of many processes, from what the stages of an update take in one.

It knows neither files nor this machine; see scale_model.py and scale_stages.py.
"""

import math
from statistics import NormalDist
from typing import Any, Final

import attrs
import numpy as np

SLOW_TIMES: Final = 3.0
"""How many times longer a straggler acts, where nothing else is said."""
GRID: Final = 4_000
"""Points of the integral over times."""


@attrs.frozen(kw_only=True)
class Stages:
    """What one process takes, alone, with its share of games and minibatch."""

    act_s: float
    """Seconds a ply: self-play, rules included."""
    learn_s: float
    """Seconds a ply: all epochs, lessons included."""
    gradient_bytes: int
    """Of one gradient step, as they are exchanged."""
    talks: int = 0
    """Exchanges of a few bytes in an update: whether to stop, whether all is finite, sums of figures."""
    checkpoint_s: float = 0.0
    """Seconds to write a checkpoint, games and all."""
    game_s: float = 0.0
    """Seconds a game of a match."""
    act_jitter: float = 0.0
    """Standard deviation of the logarithm of what acting takes in an update."""
    learn_jitter: float = 0.0
    """The same of learning."""


@attrs.frozen(kw_only=True)
class Link:
    """What carries gradients from one process to the next."""

    bytes_per_s: float
    hop_s: float
    """Seconds until the first byte is there."""


@attrs.frozen(kw_only=True)
class Work:
    """What is done, all processes together."""

    processes: int
    plies: int
    """Of an update."""
    steps: int
    """Gradient steps of an update."""
    slow_share: float = 0.0
    """In which share of the updates a process acts `slow_times` as long."""
    slow_times: float = SLOW_TIMES
    overlaps: bool = False
    """Whether a second core or stream plays while the first learns, as `[run] lag` lets it."""
    checkpoint_every: float = math.inf
    match_every: float = math.inf
    """Updates."""
    match_games: int = 0


@attrs.frozen(kw_only=True)
class Prediction:
    """Seconds of an update by stage, as the slowest process has them, and what follows."""

    act_s: float
    learn_s: float
    exchange_s: float
    beside_s: float
    """Checkpoints and matches, spread over all updates."""
    plies_per_s: float
    share: float
    """Over what as many processes would make that never wait for each other and exchange nothing."""


def predict(stages: Stages, link: Link, work: Work) -> Prediction:
    """Adds up an update: all wait for the slowest, twice, and for each exchange."""
    own, num = work.plies / work.processes, work.processes
    act_s = own * stages.act_s * slowest(num, stages.act_jitter, work.slow_share, work.slow_times)
    learn_s = own * stages.learn_s * slowest(num, stages.learn_jitter)
    exchange_s = work.steps * ring_s(stages.gradient_bytes, num, link) + stages.talks * ring_s(0, num, link)
    games_s = work.match_games / num * stages.game_s / work.match_every
    beside_s = stages.checkpoint_s / work.checkpoint_every + games_s
    learned_s = learn_s + exchange_s
    rate = work.plies / ((max(act_s, learned_s) if work.overlaps else act_s + learned_s) + beside_s)
    acts_s = stages.act_s * (1 + work.slow_share * (work.slow_times - 1))
    mean_s = max(acts_s, stages.learn_s) if work.overlaps else acts_s + stages.learn_s
    return Prediction(
        act_s=act_s,
        learn_s=learn_s,
        exchange_s=exchange_s,
        beside_s=beside_s,
        plies_per_s=rate,
        share=rate * mean_s / num,
    )


def ring_s(num_bytes: float, num: int, link: Link) -> float:
    """Returns the seconds of a sum over N processes in a ring: 2 (N - 1) hops of an Nth of the bytes each."""
    return 2 * (num - 1) * (num_bytes / num / link.bytes_per_s + link.hop_s)


def slowest(num: int, jitter: float, slow_share: float = 0.0, slow_times: float = 1.0) -> float:
    """Returns the expected time of the slowest of N processes, each of which takes 1 in the mean.

    Times are log-normal and independent: the mean of the largest is the integral of 1 - F(x)^N.

    Args:
        num: N.
        jitter: standard deviation of the logarithm.
        slow_share: which share of the times is `slow_times` as long; the mean is that much above 1.
        slow_times: see there.
    """
    if jitter == 0:
        return 1 + (slow_times - 1) * (1 - (1 - slow_share) ** num)
    normal = NormalDist(-(jitter**2) / 2, jitter)
    x = np.linspace(0, max(slow_times, 1) * math.exp(8 * jitter), GRID)[1:]
    usual = np.array([normal.cdf(math.log(value)) for value in x])
    slow = np.array([normal.cdf(math.log(value / slow_times)) for value in x])
    below: Any = ((1 - slow_share) * usual + slow_share * slow) ** num
    return float(x[0] + np.trapezoid(1 - below, x))
