"""Matches between participants: the same conditions for all of them, told while they are played."""

import json
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import IO, Any, Final, Self

import attrs
import torch

from keisei_core.arena.match import Pair, play_match
from keisei_core.arena.match_record import match_record
from keisei_core.arena.participant import Participant, seeds
from keisei_core.arena.report import MatchReport, endings_of
from keisei_core.arena.score import Tally
from keisei_core.arena.sprt import Sprt
from keisei_core.errors import ConfigError
from keisei_core.plugins import Registry, load_registry

TELL_EVERY_S: Final = 5.0


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
        return [Participant.find(text, self.registry) for text in texts]

    def play(
        self, first: Participant, second: Participant, *, sprt: Sprt | None = None, games_to: Path | None = None
    ) -> MatchReport:
        """Plays a match.

        Args:
            first, second: the players, built anew.
            sprt: may end it early.
            games_to: a file that gets every game.

        Raises:
            KeiseiError: a player can't be built.
            ConfigError: the file can't be written.
        """
        first_seed, second_seed, opening_seed = seeds(self.seed, 3)
        players = first.build(first_seed, self.device), second.build(second_seed, self.device)
        watcher = Watcher(first.name, second.name, self.games, sprt)
        with ExitStack() as stack:
            if games_to is not None:
                watcher.file = stack.enter_context(_opened(games_to))
            score = play_match(
                *players,
                num_games=self.games,
                max_plies=self.max_plies,
                opening_plies=self.opening_plies,
                seed=opening_seed,
                at_once=self.at_once,
                sprt=sprt,
                watch=watcher.see,
            )
        return MatchReport(
            first=first.name,
            second=second.name,
            score=score,
            endings=watcher.endings,
            mean_plies=watcher.num_plies / score.games,
            conditions=self.conditions,
            seconds=perf_counter() - watcher.started,
            sprt=sprt,
        )


class Watcher:
    """Looks on at a match: writes its games down, and tells from time to time how it stands."""

    def __init__(self, first: str, second: str, num_games: int, sprt: Sprt | None) -> None:
        self.first, self.second = first, second
        self.num_games, self.sprt = num_games, sprt
        self.file: IO[str] | None = None
        self.num_plies = 0
        self.endings: dict[str, int] = {}
        self.started = self.told = perf_counter()

    def see(self, pair: Pair, tally: Tally) -> None:
        """Takes note of a pair."""
        for game in pair:
            self.num_plies += len(game.actions)
            if self.file is not None:
                self.file.write(json.dumps(match_record(game, self.first, self.second)) + "\n")
        self.endings = endings_of(tally)
        if perf_counter() - self.told >= TELL_EVERY_S:
            self.told = perf_counter()
            self._tell(tally)

    def _tell(self, tally: Tally) -> None:
        score = tally.score()
        test = "" if self.sprt is None else f", llr {self.sprt.ratio(tally.pairs):.2f}"
        text = (
            f"{score.games}/{self.num_games} games: score {score.score:.3f} [{score.low:.3f}, {score.high:.3f}]{test}"
        )
        print(text, file=sys.stderr, flush=True)


def _opened(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise ConfigError([f"{path}: can't be written: {error.strerror or error}"]) from error
