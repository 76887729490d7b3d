"""How far a run has come, and the figures of one update under the names that trackers get."""

import attrs

from keisei_core.learn import UpdateReport
from keisei_core.selfplay import SelfPlayReport
from keisei_core.shogi import Ending


@attrs.define(kw_only=True)
class Counters:
    """How far a run has come."""

    update: int = 0
    plies: int = 0
    games: int = 0
    elapsed_s: float = 0.0


def update_metrics(
    counters: Counters, played: SelfPlayReport, learned: UpdateReport, *, learn_s: float, total_s: float, plies: int
) -> dict[str, float]:
    """Gathers what is logged of one update.

    Args:
        counters: after the update.
        played: what self-play saw.
        learned: what learning saw.
        learn_s: seconds spent learning.
        total_s: seconds of the whole update.
        plies: plies played in the update.
    """
    finished = max(played.num_finished, 1)
    return {
        "plies": counters.plies,
        "games": counters.games,
        "elapsed_s": counters.elapsed_s,
        "plies_per_s": plies / total_s,
        "games_per_s": played.num_finished / total_s,
        "act_s": played.act_s,
        "environment_s": played.environment_s,
        "learn_s": learn_s,
        "mean_game_plies": played.finished_plies / finished,
        "decisive_rate": sum(played.endings[ending] for ending in Ending if ending.is_decisive) / finished,
        "repetition_rate": played.endings[Ending.REPETITION] / finished,
        "truncation_rate": played.endings[Ending.MAX_PLIES] / finished,
        **learned.figures,
        "gradient_steps": learned.num_steps,
        "skipped_steps": learned.num_skipped,
        "stopped_by_kl": float(learned.stopped_by_kl),
    }
