"""Matches between participants: the same conditions for all of them, and only those pairs played that are not known."""

from collections.abc import Mapping, Sequence
from itertools import count
from time import perf_counter
from typing import Any, Self

import attrs
import torch

from keisei_core.arena.forfeit import FaultsError
from keisei_core.arena.match import play_match
from keisei_core.arena.meeting import Meeting
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.participant import Participant, seeds
from keisei_core.arena.player import Player, close, closing, most_at_once
from keisei_core.arena.report import MatchReport
from keisei_core.arena.sprt import Sprt
from keisei_core.arena.value_quality import ValueQuality
from keisei_core.arena.value_sample import value_quality
from keisei_core.arena.watcher import GamesFile, Watcher
from keisei_core.errors import ConfigError
from keisei_core.evaluate import Evaluator
from keisei_core.plugins import Registry, load_registry
from keisei_core.plugins.ctrl_c import is_ctrl_c, terminated_as_by_ctrl_c


@attrs.frozen(kw_only=True)
class Contest:
    """The conditions of matches."""

    games: int
    seed: int
    max_plies: int
    opening_plies: int
    at_once: int
    device: torch.device
    registry: Registry = attrs.field(factory=load_registry, repr=False, eq=False)

    @classmethod
    def of(cls, settings: Mapping[str, Any], device: torch.device) -> Self:
        """Takes the conditions by name, as the command line has them.

        Raises:
            ConfigError: openings are as long as games.
        """
        if settings["max_plies"] <= settings["opening_plies"]:
            raise ConfigError(
                [
                    f"--max-plies must be greater than --opening-plies ({settings['opening_plies']}), got"
                    f" {settings['max_plies']}"
                ]
            )
        return cls(device=device, **settings)

    @property
    def conditions(self) -> dict[str, Any]:
        """The conditions as data."""
        own = ("games", "seed", "max_plies", "opening_plies", "at_once")
        return {name: getattr(self, name) for name in own} | {"device": str(self.device)}

    def participants(self, texts: Sequence[str]) -> list[Participant]:
        """Finds players by their texts; raises as `Participant.find`."""
        return [Participant.find(text, self.registry, self.device) for text in texts]

    def meeting(self, first: Participant, second: Participant, sprt: Sprt | None = None) -> Meeting:
        """Returns what the pairs of a match are kept under."""
        return Meeting(
            first=first.identity,
            second=second.identity,
            seed=self.seed,
            opening_plies=self.opening_plies,
            max_plies=self.max_plies,
            sprt=sprt is not None,
        )

    def play(
        self,
        first: Participant,
        second: Participant,
        *,
        sprt: Sprt | None = None,
        games: GamesFile | None = None,
        known: Mapping[int, str] | None = None,
    ) -> MatchReport:
        """Plays a match. Ctrl-C ends it after its first pair: what was played is reported.

        Args:
            first, second: the players, built anew.
            sprt: may end it early.
            games: gets every game that is played.
            known: pairs by opening, in letters of `OUTCOMES`, that are counted without being played.

        Raises:
            KeiseiError: a player can't be built.
            FaultsError: a player loses too many games by faults of its own; told with its name.
        """
        known = known or {}
        with closing(*(players := self._built(first, second, known))):
            return self._played(first, second, players, sprt, games, known)

    def _played(
        self,
        first: Participant,
        second: Participant,
        players: tuple[Player, Player],
        sprt: Sprt | None,
        games: GamesFile | None,
        known: Mapping[int, str],
    ) -> MatchReport:
        """Plays the match of players that were built; see `play`."""
        opening_seed = seeds(self.seed, count=3)[2]
        watcher = Watcher(first.name, second.name, self.games, sprt, games, num_known=2 * len(known))
        try:
            with terminated_as_by_ctrl_c(), watcher.showing():
                score = play_match(
                    *players,
                    num_games=self.games,
                    max_plies=self.max_plies,
                    opening_plies=self.opening_plies,
                    seed=opening_seed,
                    at_once=self.at_once,
                    sprt=sprt,
                    watch=watcher.see,
                    ended=watcher.note,
                    known=known,
                )
            is_interrupted = False
        except KeyboardInterrupt as error:
            if not watcher.played or not is_ctrl_c(error):  # a player of its own accord is a plugin's fault
                raise
            score, is_interrupted = watcher.tally.score(), True
        except FaultsError as error:
            error.add_note(f"the player is {(first, second)[error.seat].name}")
            raise
        return MatchReport(
            first=first.name,
            second=second.name,
            score=score,
            played=watcher.played,
            endings=watcher.endings,
            mean_plies=watcher.mean_plies,
            conditions=self.conditions | {"at_once": min(self.at_once, *map(most_at_once, players))},
            values=(value_of(players[0], watcher.finished), value_of(players[1], watcher.finished)),
            seconds=perf_counter() - watcher.started,
            precisions=(first.precision, second.precision),
            faults=watcher.faults,
            sprt=sprt,
            is_interrupted=is_interrupted,
        )

    def _built(self, first: Participant, second: Participant, known: Mapping[int, str]) -> tuple[Player, Player]:
        """Builds the players; those of a match that goes on have other streams than it began with."""
        begin = next(opening for opening in count() if opening not in known)
        first_seed, second_seed, _ = seeds(self.seed, begin, count=3)
        built = first.build(first_seed, self.device)
        try:
            return built, second.build(second_seed, self.device)
        except BaseException:
            close(built)
            raise


def value_of(player: Player, games: Sequence[FinishedGame]) -> ValueQuality | None:
    """Compares the values of a player's network with the results; None where it shows none as its `evaluator`."""
    evaluator = getattr(player, "evaluator", None)
    return value_quality(evaluator, games) if isinstance(evaluator, Evaluator) else None
