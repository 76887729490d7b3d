"""Everything measured about one subject."""

from collections.abc import Sequence
from typing import Any

import attrs

from keisei_core.arena import Score, closing
from keisei_core.arena.participant import Participant, seeds
from keisei_core.arena.report import finite
from keisei_core.arena.watcher import play_shown
from keisei_core.benchmark.blunders import Tactics, WatchedPlayer
from keisei_core.benchmark.speed import measure_speed
from keisei_core.benchmark.subject import Subject, peak_memory
from keisei_core.benchmark.where import where
from keisei_core.config.document import Override
from keisei_core.plugins import load_registry
from keisei_core.run.device import choose_device
from keisei_core.streams import say


@attrs.frozen(kw_only=True)
class Plan:
    """What is measured, and how long."""

    rounds: int
    """Rollouts and updates whose speed is measured."""
    games: int
    """Games against the opponent; 0 leaves strength and tactics out."""
    tactics_games: int
    """Games in which moves are counted for mates and hanging pieces."""
    opponent: str
    tactics_opponent: str
    temperature: float
    """Of the measured player in both matches; 0 is greedy."""
    seed: int
    max_plies: int
    opening_plies: int


def measure(text: str, overrides: Sequence[Override], plan: Plan) -> dict[str, Any]:
    """Measures a subject in this process, whose peak of memory is that of the subject if nothing ran before.

    Raises:
        KeiseiError: it can't be built.
    """
    registry = load_registry()
    subject = Subject.find(text, overrides, registry)
    device = choose_device(subject.settings.run)
    opponents = [Participant.find(name, registry, device) for name in (plan.opponent, plan.tactics_opponent)]
    training = subject.training()
    _tell(f"{text}: measuring speed")
    speed = measure_speed(training, num_rounds=plan.rounds)
    whose, peak = peak_memory(training.device)
    parameters = sum(parameter.numel() for parameter in training.network.network.parameters())
    return {
        "subject": text,
        "checkpoint": None if subject.network is None else str(subject.network.path),
        "weights": None if subject.network is None else subject.network.digest,
        "parameters": parameters,
        "speed": attrs.asdict(speed),
        "peak_memory": {"of": whose, "bytes": peak},
        **(_strength(subject, opponents, plan) if plan.games else {"strength": None, "tactics": None}),
        **where(training.settings, training.device),
    }


def _strength(subject: Subject, opponents: Sequence[Participant], plan: Plan) -> dict[str, Any]:
    """Plays the matches; the network is built anew, since measuring its speed has changed it."""
    training = subject.training()
    player_seed, opponent_seed, opening_seed = seeds(plan.seed, count=3)
    tactics = Tactics()
    scores: list[Score] = []
    for opponent, games in zip(opponents, (plan.games, plan.tactics_games), strict=True):
        _tell(f"{subject.text}: playing {games} games against {opponent.name}")
        player = subject.player(training, temperature=plan.temperature, seed=player_seed)
        is_counted = len(scores) == 1
        with closing(other := opponent.build(opponent_seed, training.device)):
            score = play_shown(
                (subject.text, opponent.name),
                (WatchedPlayer(player, tactics) if is_counted else player, other),
                num_games=games,
                max_plies=plan.max_plies,
                opening_plies=plan.opening_plies,
                seed=opening_seed,
            )
        scores.append(score)
    strength = {"opponent": plan.opponent, "temperature": plan.temperature, **_score(scores[0])}
    counted = {"opponent": plan.tactics_opponent, **attrs.asdict(tactics), **_score(scores[1])}
    rates = {"mate_rate": finite(tactics.mate_rate), "hanging_rate": finite(tactics.hanging_rate)}
    return {"strength": strength, "tactics": {**counted, **rates}}


def _score(score: Score) -> dict[str, Any]:
    elo, low, high = (finite(value) for value in score.elo)
    return {**score.to_data(), "score_decided": score.decided, "elo": elo, "elo_low": low, "elo_high": high}


def _tell(text: str) -> None:
    say(text)
