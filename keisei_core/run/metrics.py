"""How far a run has come, and the figures of one update under the names that trackers get."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Final

import attrs

from keisei_core.arena.value_quality import FIGURES
from keisei_core.experience import PlayReport
from keisei_core.learn import Report
from keisei_core.shogi import Ending

MATCHES: Final = ("score", "score_against_best")
"""Figures of matches: against the configured opponent, and against the best network so far."""
NOT_ALWAYS: Final = frozenset(
    {"update", "elapsed_s", "core_s", "pool_games", "pool_score", "wait_s", "wait_share"}
    | {"resignation_rate", "tested_resignations", "false_resignation_rate"}
    | {f"{name}{end}" for name in MATCHES for end in ("", "_low", "_high", "_truncated", "_decided")}
    | FIGURES
)
"""Names of the core's own that are not among the figures of every update."""
GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "learning": ("learning_rate",),
    "match": ("score", "score_*"),
    "speed": ("*_per_s", "*_s", "*_gb", "wait_share"),
    "games": ("games", "plies", "*_rate", "mean_game_plies"),
}
"""Patterns of names that trackers show together; the first that fits counts, what fits none is of learning."""


def group_of(name: str) -> str:
    """Returns the heading under which a tracker shows a figure."""
    for group, patterns in GROUPS.items():
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return group
    return "learning"


@attrs.define(kw_only=True)
class Counters:
    """How far a run has come."""

    update: int = 0
    plies: int = 0
    games: int = 0
    elapsed_s: float = 0.0
    core_s: float = 0.0
    """Seconds that all threads of this process have computed together."""


@attrs.frozen(kw_only=True)
class Outlook:
    """How far a run has come and what is left of it, by its plies, games or clocks, whichever end first."""

    done: int
    """Updates made."""
    total: int
    """Updates that the run's plies make."""
    elapsed_s: float
    limit_s: float
    """Seconds after which the run ends early; 0 where there is no limit."""
    core_s: float = 0.0
    """Seconds that all threads have computed together."""
    limit_core_s: float = 0.0
    """Of these, after how many the run ends early; 0 where there is no limit."""
    games: int = 0
    """Games that have ended."""
    limit_games: int = 0
    """Games after which the run ends early; 0 where there is no limit."""
    finishing_s: float | None = 0.0
    """Seconds that the matches at the end may take; None where no match has told yet."""

    @property
    def played(self) -> float:
        """0 at the start, 1 once all plies or games are played."""
        by_games = self.games / self.limit_games if self.limit_games else 0.0
        return min(max(self.done / self.total, by_games), 1.0)

    @property
    def progress(self) -> float:
        """0 at the start, 1 once all plies or games are played or the time is up: what schedules follow."""
        by_clock = self.elapsed_s / self.limit_s if self.limit_s else 0.0
        return min(max(self.played, by_clock, self.computed), 1.0)

    @property
    def computed(self) -> float:
        """Share of the computing time that is used up; 0 where there is no limit."""
        return self.core_s / self.limit_core_s if self.limit_core_s else 0.0

    @property
    def is_over(self) -> bool:
        """True once all plies or games are played or the time is up."""
        return self.progress >= 1

    @property
    def left_s(self) -> float:
        """Seconds still to go at the speed so far, the matches at the end among them where they are known."""
        behind = min(max(self.played, self.computed), 1.0)
        by_play = self.elapsed_s / max(behind, 1 / self.total) * (1 - behind)
        by_time = max(self.limit_s - self.elapsed_s, 0.0)
        return (min(by_play, by_time) if self.limit_s else by_play) + (self.finishing_s or 0.0)

    @property
    def share(self) -> float:
        """Share of the run that is behind, 0 to 1."""
        whole = self.elapsed_s + self.left_s
        return self.elapsed_s / whole if whole else 1.0


def update_metrics(
    counters: Counters,
    played: PlayReport,
    learned: Report,
    *,
    progress: float,
    learn_s: float,
    total_s: float,
    plies: int,
) -> dict[str, float]:
    """Gathers what is logged of one update.

    Args:
        counters: after the update.
        played: what self-play saw.
        learned: what learning saw.
        progress: 0 to 1, which the update's schedules followed.
        learn_s: seconds spent learning.
        total_s: seconds of the whole update.
        plies: plies played in the update.
    """
    finished = max(played.num_finished, 1)
    return {
        "plies": counters.plies,
        "games": counters.games,
        "progress": progress,
        "plies_per_s": plies / total_s,
        "games_per_s": played.num_finished / total_s,
        "act_s": played.act_s,
        "environment_s": played.environment_s,
        "learn_s": learn_s,
        "mean_game_plies": played.finished_plies / finished,
        "decisive_rate": sum(played.endings[ending] for ending in Ending if ending.is_decisive) / finished,
        "repetition_rate": played.endings[Ending.REPETITION] / finished,
        "truncation_rate": played.endings[Ending.MAX_PLIES] / finished,
        **pool_metrics(played),
        **resignation_metrics(played),
        **learned.figures,
        "gradient_steps": learned.num_steps,
        "skipped_steps": learned.num_skipped,
    }


def ahead_metrics(times: Mapping[str, float], total_s: float) -> dict[str, float]:
    """Returns what playing ahead took and how much of it learning waited for, where a run plays ahead.

    Args:
        times: seconds by name, of `PlayedAhead.times`: of what was played in the update, not of what was learned.
        total_s: seconds of the whole update.
    """
    return {**times, "wait_share": times["wait_s"] / total_s}


def pool_metrics(played: PlayReport) -> dict[str, float]:
    """Returns the learner's score against earlier snapshots, where a game against one ended in this process."""
    scores = played.pool_scores
    return {"pool_games": len(scores), "pool_score": sum(scores) / len(scores)} if scores else {}


def resignation_metrics(played: PlayReport) -> dict[str, float]:
    """Returns how often games were given up, and how often that would have been wrong, where either was seen."""
    given_up, tested = played.endings[Ending.RESIGNATION], played.tested_resignations
    figures = {"resignation_rate": given_up / played.num_finished} if given_up else {}
    if tested:
        figures |= {"tested_resignations": tested, "false_resignation_rate": played.wrong_resignations / tested}
    return figures
