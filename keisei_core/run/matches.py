"""Matches that a run plays: its processes share the pairs and all know the score, a stop ends them, rungs follow."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.arena import FaultsError, Player, Score
from keisei_core.arena.forfeit import Faults
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.score import score_of_pairs
from keisei_core.arena.table import Table
from keisei_core.distribution import DistributionBackend
from keisei_core.errors import StoppedError
from keisei_core.observe import needs_of
from keisei_core.plugins import Choice, Settings
from keisei_core.plugins.players import player_text
from keisei_core.shogi import Branches, Positions

logger = logging.getLogger("keisei")


class StoppablePlayer:
    """Plays as another player does, until it is told to stop."""

    def __init__(self, player: Player, stop: Callable[[], bool]) -> None:
        self.player: Any = player
        self.stop = stop
        self.avoids_repetition = getattr(player, "avoids_repetition", False)
        self.knows_past = getattr(player, "knows_past", False)
        self.needs = needs_of(player)

    @property
    def values(self) -> NDArray[np.float32] | None:
        """What the other player tells of its positions; see `Player`."""
        told: NDArray[np.float32] | None = getattr(self.player, "values", None)
        return told

    def choose(self, positions: Positions, legal: NDArray[np.uint8], *past: Branches) -> NDArray[np.int32]:
        """Chooses for each position; see `Player`.

        Raises:
            StoppedError: `stop` says so.
        """
        if self.stop():
            raise StoppedError("asked to stop during a match")
        actions: NDArray[np.int32] = self.player.choose(positions, legal, *past)
        return actions


@contextmanager
def faults_told(opponent: str, games: Sequence[FinishedGame]) -> Iterator[None]:
    """Tells what an opponent lost otherwise than by playing, once its match is over.

    Args:
        opponent: what it is called.
        games: those that the match has by then.

    Raises:
        FaultsError: there were too many; told with its name.
    """
    try:
        yield
    except FaultsError as error:
        error.add_note(f"the player is {opponent}")
        raise
    faults = Faults()
    for game in games:
        if game.points == 1:
            faults.note(game.forfeit)
    if faults:
        logger.warning(f"{opponent} lost {faults.counts.total()} of {len(games)} games by faults of its own: {faults}")


def from_rank_0(work: Callable[[], Any], backend: DistributionBackend) -> Any:
    """Works on rank 0 and returns what came of it on every process; the others wait.

    Args:
        work: returns JSON-able data.
        backend: of the processes.

    Raises:
        StoppedError: `work` raised it on rank 0; now every process does.
    """
    if backend.world_size == 1:
        return work()
    told = b""
    if backend.rank == 0:
        with suppress(StoppedError):
            told = json.dumps(work()).encode()
    told = backend.broadcast(told)
    if not told:
        raise StoppedError("asked to stop during a match")
    return json.loads(told)


def match_of_all(
    play: Callable[[range], dict[int, str]], num_games: int, backend: DistributionBackend, num_players: int
) -> Score:
    """Deals the pairs of a match to processes and returns the score of all on every process.

    Args:
        play: plays the pairs of some openings and returns their outcomes in letters of `OUTCOMES`.
        num_games: of the whole match.
        backend: of the processes; every one calls this.
        num_players: how many of them play, from rank 0 on; the others wait.

    Raises:
        StoppedError: `play` raised it on some process; now every process does.
    """
    share = range(backend.rank, num_games // 2, num_players) if backend.rank < num_players else range(0)
    own: dict[int, str] | None = None
    try:
        own = play(share) if share else {}
    except StoppedError:
        if backend.world_size == 1:
            raise
    parts = [json.loads(part) for part in backend.gather(json.dumps(own).encode())]
    found = json.loads(backend.broadcast(json.dumps(parts).encode()))
    if None in found:
        raise StoppedError("asked to stop during a match")
    outcomes = {int(opening): pair for part in found for opening, pair in part.items()}
    return score_of_pairs(outcomes[opening] for opening in sorted(outcomes))


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


def play_rungs(
    settings: Settings,
    written: Sequence[tuple[str, Choice]],
    match: Callable[[int, Choice], Score],
    last: Score,
    say: Callable[[str], None],
) -> list[Rung]:
    """Plays the trained player against each rung, in their order, on every process.

    Args:
        settings: of the run.
        written: the rungs, each with its text.
        match: plays so many games against one of them; see `Loop.match`.
        last: of the last match, which stands for a rung that was its opponent.
        say: told before each match.

    Raises:
        StoppedError: asked to stop.
    """
    rungs = []
    for own_text, choice in written:
        # As the user wrote it, options at their defaults too, without the package where that is Keisei's own.
        score, text = last, own_text.replace(choice.reference, choice.label, 1)
        if player_text(choice) != player_text(settings.opponent):
            say(f"playing the rung {text}")
            score = match(settings.evaluation.rung_games, choice)
        rungs.append(Rung(text, score))
    return rungs


def last_opponent(settings: Settings, last: Score, rungs: Sequence[Rung]) -> str:
    """Returns the last match's opponent with its options: in the words of the rung that it is, if it is one."""
    return next((rung.opponent for rung in rungs if rung.score is last), player_text(settings.opponent))


def rung_table(rungs: Sequence[Rung]) -> Table:
    """Returns the table of the rungs, in their order."""
    return Table(HEADS, [rung.row() for rung in rungs])


def doubts(rungs: Sequence[Rung]) -> list[str]:
    """Says which of the scores say nothing."""
    return [f"warning: {rung.opponent}: {rung.score.doubt}" for rung in rungs if rung.score.doubt]


def score_data(score: Score) -> dict[str, Any]:
    """Returns a score as JSON-able data."""
    return {**attrs.asdict(score), "games": score.games, "score": score.score, "decided": score.decided}


def score_figures(name: str, score: Score) -> dict[str, float]:
    """Returns a score as figures of an update, called after `name`; `_decided` where a game was not cut off."""
    figures = {"": score.score, "_low": score.low, "_high": score.high, "_truncated": score.truncated}
    if score.decided is not None:
        figures["_decided"] = score.decided
    return {f"{name}{ending}": value for ending, value in figures.items()}
