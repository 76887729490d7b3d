"""The climb: which checkpoints are tested against which rungs, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from keisei_core.arena import Score
from keisei_core.arena.contest import Contest
from keisei_core.arena.participant import Participant
from keisei_core.arena.store import Store
from keisei_core.scoreboard.journey import Stop
from keisei_core.scoreboard.rule import Rule, Verdict
from keisei_core.streams import say


def climbed(num_stops: int, num_rungs: int, reaches: Callable[[int, int], bool]) -> list[int | None]:
    """Finds for each rung the first stop at which it is reached, and tests few stops for it.

    A rung is tried from the stop on that reached the rung before it, upwards until it is reached; if it is at once,
    then downwards until it is not. So the stop before the one that is found, if there is any, was tested as well and
    failed. Behind a rung that is never reached the last stop alone is tried, and those before it where it succeeds.

    Args:
        num_stops: in the order of the run, at least one.
        num_rungs: from the weakest to the strongest.
        reaches: tests a stop against a rung, both by number.

    Returns:
        By rung the number of the stop; None where the last one does not reach it.
    """
    found: list[int | None] = []
    start = 0
    for rung in range(num_rungs):
        stop = start
        while stop < num_stops and not reaches(stop, rung):
            stop += 1
        if stop == start:
            while stop and reaches(stop - 1, rung):
                stop -= 1
        found.append(stop if stop < num_stops else None)
        start = min(stop, num_stops - 1)
    return found


@attrs.frozen(kw_only=True)
class Tested:
    """A checkpoint against a rung."""

    stop: Stop
    verdict: Verdict
    score: Score

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        stop = {"update": self.stop.update, "core_minutes": round(self.stop.core_minutes, 3)}
        return {**stop, **self.score.to_data(), "verdict": str(self.verdict)}


@attrs.frozen(kw_only=True)
class Reached:
    """What is known of one rung; nothing in it is interpolated."""

    rung: str
    identity: str
    """What the rung's results are kept under: of an engine a digest of its program and options."""
    stop: Stop | None
    """The first that reached it; None where the last one did not."""
    missed: Stop | None
    """The last one before it that did not, or the last of all; None where the first was enough."""
    tested: Sequence[Tested]
    """In the order of the run."""

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data; core-minutes of the two stops."""
        minutes = [None if stop is None else round(stop.core_minutes, 3) for stop in (self.stop, self.missed)]
        tested = [test.to_data() for test in self.tested]
        return {
            "rung": self.rung,
            "identity": self.identity,
            "reached": minutes[0],
            "missed": minutes[1],
            "tested": tested,
        }


@attrs.frozen(kw_only=True)
class Climb:
    """Tests the checkpoints of a run against a ladder; games are kept in a store and not played twice."""

    contest: Contest
    rule: Rule
    store: Store

    def climb(self, stops: Sequence[Stop], rungs: Mapping[str, Participant], simulations: int = 0) -> list[Reached]:
        """Plays whatever is lacking.

        Args:
            stops: in the order of the run.
            rungs: by their texts, from the weakest to the strongest.
            simulations: positions that a checkpoint looks ahead at a move; 0 plays its policy's favourite move.

        Raises:
            KeiseiError: a player can't be built, or loses too many games by faults.
            KeyboardInterrupt: Ctrl-C; what was played is kept.
        """
        ahead = f":simulations={simulations}" if simulations else ""
        players = self.contest.participants([f"{stop.path}{ahead}" for stop in stops])
        names, opponents = list(rungs), list(rungs.values())
        tested: dict[tuple[int, int], Tested] = {}

        def reaches(stop: int, rung: int) -> bool:
            if (stop, rung) not in tested:
                verdict, score = self._tested(players[stop], opponents[rung])
                tested[stop, rung] = Tested(stop=stops[stop], verdict=verdict, score=score)
                say(f"{stops[stop].core_minutes:.1f} core-minutes{ahead}, {names[rung]}: {verdict}, {score}")
            return tested[stop, rung].verdict is Verdict.REACHED

        firsts = climbed(len(stops), len(rungs), reaches)
        return [
            Reached(
                rung=names[rung],
                identity=opponents[rung].identity,
                stop=None if first is None else stops[first],
                missed=stops[-1] if first is None else stops[first - 1] if first else None,
                tested=[test for (_, other), test in sorted(tested.items()) if other == rung],
            )
            for rung, first in enumerate(firsts)
        ]

    def _tested(self, player: Participant, rung: Participant) -> tuple[Verdict, Score]:
        """Plays a match until the rule has an answer."""
        meeting = attrs.evolve(
            self.contest.meeting(player, rung), sprt=True
        )  # ends where it looks good: no fair sample
        while True:
            pairs = self.store.results().known(meeting)
            verdict, score = self.rule.judge(pairs)
            if verdict is not Verdict.OPEN and score is not None:
                return verdict, score
            contest = attrs.evolve(self.contest, games=self.rule.next_look(pairs))
            report = contest.play(player, rung, known=pairs)
            self.store.append(meeting, (player.name, rung.name), report.played)
            if report.is_interrupted:
                raise KeyboardInterrupt
