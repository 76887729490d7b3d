"""Rungs: the players of known strength that a trained player is measured against at the end of its run."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs

from keisei_core.arena import Score
from keisei_core.arena.table import Table
from keisei_core.plugins.players import player_text
from keisei_core.run.training import Training

HEADS: Final = ("opponent", "score", "95 % interval", "W/D/L", "cut off")


@attrs.frozen
class Rung:
    """An opponent and how the trained player did against it."""

    opponent: str
    """The player as the config writes it."""
    score: Score
    """Seen by the trained player."""

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        return {"opponent": self.opponent, **score_data(self.score)}

    def row(self) -> tuple[str, ...]:
        """Returns the cells under `HEADS`."""
        score = self.score
        results = f"{score.wins}/{score.draws}/{score.losses}"
        return (
            self.opponent,
            f"{score.score:.2f}",
            f"[{score.low:.2f}, {score.high:.2f}]",
            results,
            f"{score.truncated}",
        )


def play_rungs(training: Training, last: Score, stop: Callable[[], bool], say: Callable[[str], None]) -> list[Rung]:
    """Plays the trained player against each rung of its settings, in their order, on every process.

    Args:
        training: complete.
        last: of the last match, which stands for a rung that was its opponent.
        stop: asked before every move of the network.
        say: told before each match.

    Raises:
        StoppedError: `stop` said so on rank 0.
    """
    settings, rungs = training.settings, []
    for text, choice in zip(settings.evaluation.rungs, settings.rungs, strict=True):
        score = last
        if player_text(choice) != player_text(settings.opponent):
            say(f"playing the rung {text}")
            score = training.match(settings.evaluation.rung_games, stop, choice)
        rungs.append(Rung(text, score))
    return rungs


def rung_table(rungs: Sequence[Rung]) -> Table:
    """Returns the table of the rungs, in their order."""
    return Table(HEADS, [rung.row() for rung in rungs])


def score_data(score: Score) -> dict[str, Any]:
    """Returns a score as JSON-able data."""
    return {**attrs.asdict(score), "games": score.games, "score": score.score}
