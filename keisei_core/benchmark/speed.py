"""How fast a training plays and learns, and how near to its bare network that comes.

Stages are measured in turns, round after round, with the bare network between them, so that a machine that is slower
for a while is slower for all; figures are medians over the rounds.
"""

import math
import statistics
from collections.abc import Callable
from time import perf_counter

import attrs
import numpy as np
import torch

from keisei_core.benchmark.bare_network import BareNetwork
from keisei_core.run import Training


@attrs.frozen(kw_only=True)
class Round:
    """One rollout and what was learned from it; seconds."""

    plies: int
    """Plies of the rollout."""
    evaluations: int
    """Positions evaluated in self-play, without those beyond a cut."""
    learned: int
    """Positions in all minibatches together, taught ones included."""
    games: int
    """Games that ended."""
    act_s: float
    environment_s: float
    update_s: float
    bare_act_s: float
    """The bare network on as many positions, in the same batches."""
    bare_update_s: float
    """Forward and backward on as many positions, in the same batches."""


@attrs.frozen(kw_only=True)
class Speed:
    """Medians over rounds; all but shares are per second."""

    games: float
    plies: float
    """Of playing and learning together."""
    act_evaluations: float
    environment_plies: float
    selfplay_plies: float
    update_plies: float
    update_evaluations: float
    """Forward and backward."""
    bare_act_evaluations: float
    bare_update_evaluations: float
    act_time: float
    """Share of the whole time."""
    environment_time: float
    update_time: float
    selfplay_share: float
    """Of the bare network's speed, acting and environment together."""
    update_share: float


def measure_speed(training: Training, *, num_rounds: int, limit_s: float = math.inf) -> Speed:
    """Plays and learns for a few rounds, and one before them that does not count. The network learns meanwhile.

    Args:
        training: at its start or later.
        num_rounds: at least 1.
        limit_s: no round but the first begins so many seconds after the beginning.
    """
    started = perf_counter()
    spread_games(training)
    _round(training)
    rounds = [_round(training)]
    while len(rounds) < num_rounds and perf_counter() - started < limit_s:
        rounds.append(_round(training))
    return summary(rounds)


def spread_games(training: Training) -> None:
    """Plays at random, each game for another number of plies, until they stand at all stages as they do in a run."""
    games = training.source.games
    max_plies = training.settings.selfplay.max_plies
    stops_at = np.linspace(0, max_plies, len(games), endpoint=False)
    for ply in range(max_plies):
        games.step(np.where(ply < stops_at, games.sample(), -1).astype(np.int32))
    training.source.load_games(games.state())


def _round(training: Training) -> Round:
    """Plays one rollout and learns from it, the bare network before each."""
    bare, table = BareNetwork(training), training.settings
    positions = training.source.games.positions
    num_plies = table.selfplay.rollout_plies
    # One more than plies: the positions after the last one are evaluated too.
    bare_act_s = bare.forward_s(bare.inputs(positions), num_plies + 1)
    segment, played = training.source.next()
    started = perf_counter()
    learned = training.learner.update(segment, 0.0)
    if training.device.type == "cuda":
        torch.cuda.synchronize(training.device)
    update_s = perf_counter() - started
    num_steps = learned.num_steps + learned.num_skipped
    some = np.arange(learned.num_positions // max(num_steps, 1)) % segment.num_plies
    batch = bare.inputs(segment.positions_of(some))
    return Round(
        plies=segment.num_plies,
        evaluations=len(positions) * (num_plies + 1),
        learned=learned.num_positions,
        games=played.num_finished,
        act_s=played.act_s,
        environment_s=played.environment_s,
        update_s=update_s,
        bare_act_s=bare_act_s,
        bare_update_s=bare.backward_s(batch, num_steps),
    )


def summary(rounds: list[Round]) -> Speed:
    """Returns the medians; games a second are over all rounds, since few end in one."""

    def median(figure: Callable[[Round], float]) -> float:
        return statistics.median(figure(entry) for entry in rounds)

    def total(entry: Round) -> float:
        return entry.act_s + entry.environment_s + entry.update_s

    def selfplay(entry: Round) -> float:
        return entry.act_s + entry.environment_s

    return Speed(
        games=sum(entry.games for entry in rounds) / sum(total(entry) for entry in rounds),
        plies=median(lambda entry: entry.plies / total(entry)),
        act_evaluations=median(lambda entry: entry.evaluations / entry.act_s),
        environment_plies=median(lambda entry: entry.plies / entry.environment_s),
        selfplay_plies=median(lambda entry: entry.plies / selfplay(entry)),
        update_plies=median(lambda entry: entry.plies / entry.update_s),
        update_evaluations=median(lambda entry: entry.learned / entry.update_s),
        bare_act_evaluations=median(lambda entry: entry.evaluations / entry.bare_act_s),
        bare_update_evaluations=median(lambda entry: entry.learned / entry.bare_update_s),
        act_time=median(lambda entry: entry.act_s / total(entry)),
        environment_time=median(lambda entry: entry.environment_s / total(entry)),
        update_time=median(lambda entry: entry.update_s / total(entry)),
        selfplay_share=median(lambda entry: entry.bare_act_s / selfplay(entry)),
        update_share=median(lambda entry: entry.bare_update_s / entry.update_s),
    )
