"""Warnings in plain words when a figure of the training has left its healthy range."""

from collections import deque
from collections.abc import Mapping
from typing import Final

import attrs

WINDOW: Final = 10
"""Updates over which a figure is averaged."""


@attrs.frozen
class Alarm:
    """A figure and the range in which training is healthy."""

    name: str
    figure: str
    low: float
    high: float
    advice: str


@attrs.frozen
class Raised:
    """An alarm, and the mean of its figure that raised it."""

    alarm: Alarm
    mean: float

    def __str__(self) -> str:
        """Says what is wrong, by which figure, and what to try."""
        alarm = self.alarm
        bound = f"below {alarm.low:g}" if self.mean < alarm.low else f"above {alarm.high:g}"
        return f"{alarm.name}: {alarm.figure} is {self.mean:.3g} over {WINDOW} updates, {bound}; {alarm.advice}"


ALARMS: Final = (
    Alarm(
        "value collapse",
        "explained_variance",
        0.02,
        1.0,
        "the value tells nothing about results; raise algorithm.value_coefficient and final_value_coefficient, between "
        "which its weight goes, or lower optimizer.learning_rate",
    ),
    Alarm(
        "entropy collapse",
        "relative_entropy",
        0.03,
        1.0,
        "the policy hardly tries anything; raise algorithm.final_entropy_coefficient or lower optimizer.learning_rate",
    ),
    Alarm(
        "draws only",
        "decisive_rate",
        0.02,
        1.0,
        "games end without a winner; raise selfplay.opening_plies, selfplay.midgame_share or value.material",
    ),
    Alarm(
        "games cut off",
        "truncation_rate",
        0.0,
        0.95,
        "hardly a game ends by itself; raise selfplay.max_plies or value.material",
    ),
    Alarm(
        "no learning signal",
        "advantage_std",
        0.002,
        float("inf"),
        "all moves look alike; raise value.material or give the games other starts",
    ),
    Alarm(
        "steps too large",
        "kl",
        0.0,
        0.2,
        "the policy jumps within one update; lower optimizer.learning_rate or algorithm.epochs, or set its target_kl",
    ),
)
OF_GAMES: Final = frozenset({"decisive_rate", "truncation_rate"})
"""Figures that say nothing about an update in which no game ended."""


class Alarms:
    """Watches the figures of a run, update after update."""

    def __init__(self) -> None:
        self._recent: dict[str, deque[float]] = {alarm.figure: deque(maxlen=WINDOW) for alarm in ALARMS}
        self._raised: set[str] = set()

    def check(self, metrics: Mapping[str, float]) -> list[Raised]:
        """Takes in the figures of one update.

        Returns:
            An alarm for each figure that has left its range: once, and again only after it had come back.
        """
        for figure, values in self._recent.items():
            if figure in metrics and (figure not in OF_GAMES or metrics["games_per_s"] > 0):
                values.append(metrics[figure])
        return [raised for alarm in ALARMS if (raised := self._check(alarm))]

    def _check(self, alarm: Alarm) -> Raised | None:
        values = self._recent[alarm.figure]
        if len(values) < WINDOW:
            return None
        mean = sum(values) / WINDOW
        if alarm.low <= mean <= alarm.high:
            self._raised.discard(alarm.name)
            return None
        if alarm.name in self._raised:
            return None
        self._raised.add(alarm.name)
        return Raised(alarm, mean)
