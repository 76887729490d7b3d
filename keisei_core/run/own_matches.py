"""Matches of the network that a run trains: against whom, under which conditions, and what is kept of the latest."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from keisei_core.arena import NetworkPlayer, Player, PlayerContext, Score, closing, play_match, play_some
from keisei_core.arena.match import Pair
from keisei_core.arena.parallel_games import FinishedGame
from keisei_core.arena.player import close
from keisei_core.arena.value_quality import ValueQuality
from keisei_core.arena.value_sample import value_quality
from keisei_core.distribution import DistributionBackend, never
from keisei_core.errors import KeiseiError
from keisei_core.evaluate import Evaluator
from keisei_core.plugins import Choice, Settings, load_registry
from keisei_core.plugins.players import player_choice, player_text
from keisei_core.run.folder import from_here
from keisei_core.run.match_games import kept_records
from keisei_core.run.match_times import MatchTimes
from keisei_core.run.matches import StoppablePlayer, faults_told, from_rank_0, match_of_all
from keisei_core.run.patience import interruptible
from keisei_core.run.random_streams import RandomStreams
from keisei_core.run.standing import on_rank_0
from keisei_core.shown import first_line


class OwnMatches:
    """Plays the present network; takes nothing from the run's random streams."""

    def __init__(
        self, settings: Settings, evaluator: Evaluator, backend: DistributionBackend, streams: RandomStreams
    ) -> None:
        """Builds all opponents that the settings name, on rank 0: what can't be built and must be is told at once.

        Args:
            settings: of the run.
            evaluator: of the network as it plays in matches.
            backend: of the processes, which share the pairs of a match.
            streams: where the seeds come from.

        Raises:
            KeiseiError: an opponent can't be built on rank 0; every process raises it.
        """
        self.settings = settings
        self.evaluator = evaluator
        self.backend = backend
        self.streams = streams
        self.times = MatchTimes()
        self._games: list[FinishedGame] = []
        """Of the latest match, those that this process played."""
        on_rank_0(self._try_opponents, backend)
        self.left_out: dict[str, str] = from_rank_0(self._missing, backend) if settings.optional_rungs else {}
        """Optional rungs that can't be built on rank 0, each with the reason."""
        table = settings.evaluation
        optional = zip(table.optional_rungs, settings.optional_rungs, strict=True)
        self.rungs: tuple[tuple[str, Choice], ...] = (
            *zip(table.rungs, settings.rungs, strict=True),
            *((text, choice) for text, choice in optional if player_text(choice) not in self.left_out),
        )
        """Players of the table at the end, in its order, each with its text."""

    @property
    def num_final_games(self) -> int:
        """Games of the matches at the end that one process plays."""
        settings = self.settings
        others = [choice for _, choice in self.rungs if player_text(choice) != player_text(settings.opponent)]
        num_games = settings.evaluation.final_games + len(others) * settings.evaluation.rung_games
        return num_games // self.backend.world_size

    def play(self, num_games: int, stop: Callable[[], bool] = never, opponent: Choice | None = None) -> Score:
        """Plays a match and returns the score of all processes on every one.

        Args:
            num_games: an even number.
            stop: asked whether to give up.
            opponent: None takes the configured one. The openings are the same against every opponent.

        Raises:
            StoppedError: `stop`, asked before every move of the network, said so on some process; or an opponent had
                to be interrupted.
            FaultsError: the opponent loses too many games by faults of its own; told with its name.
        """
        opponent = opponent or self.settings.opponent
        rival = self._rival(opponent)
        self._games = []
        title = str(from_here(Path(player_text(opponent))))
        # A checkpoint of the run is there for rank 0, and perhaps for no other machine.
        num_players = 1 if self.backend.any(rival is None) else self.backend.world_size

        def play(openings: range) -> dict[int, str]:
            assert rival is not None
            with interruptible(stop), self.times.watched(title, 2 * len(openings)) as ended:
                return play_some(
                    self._itself(stop),
                    rival,
                    openings=openings,
                    watch=self._keep,
                    ended=ended,
                    **self._conditions(num_games),
                )

        with closing(rival), faults_told(player_text(opponent), self._games):
            return match_of_all(play, num_games, self.backend, num_players)

    def play_alone(self, opponent: str, num_games: int, stop: Callable[[], bool] = never) -> Score:
        """Plays a match in this process, of which no game is kept.

        Args:
            opponent: a player's name with its options, or a path.
            num_games: an even number.
            stop: asked whether to give up.

        Raises:
            StoppedError: `stop` said so.
            KeiseiError: the opponent can't be built, or loses too many games by faults of its own.
        """
        rival = self._player(player_choice(opponent, load_registry()))
        with closing(rival):
            return play_match(self._itself(stop), rival, **self._conditions(num_games))

    def records(self, most: int, name: str, opponent: Choice | None = None) -> list[dict[str, Any]]:
        """Returns games of the latest match as lines of a games file on rank 0; every process calls it.

        Args:
            most: lost ones come first where there are more.
            name: of the trained player.
            opponent: that of the match.
        """
        rival = player_text(opponent or self.settings.opponent)
        return kept_records(self._games, name, rival, most, self.backend)

    def value_quality(self) -> ValueQuality | None:
        """Compares the present values with the results of the games of the latest match that this process played.

        None where it played none.
        """
        return value_quality(self.evaluator, self._games)

    def _try_opponents(self) -> None:
        """Builds the opponents that must be there."""
        for choice in (self.settings.opponent, *self.settings.rungs):
            close(self._player(choice))

    def _missing(self) -> dict[str, str]:
        """Tells which optional rungs can't be built, and why."""
        found = {}
        for choice in self.settings.optional_rungs:
            try:
                close(self._player(choice))
            except KeiseiError as error:
                found[player_text(choice)] = first_line(error)
        return found

    def _keep(self, pair: Pair) -> None:
        self._games += pair

    def _itself(self, stop: Callable[[], bool]) -> StoppablePlayer:
        """Returns the present network as a player, until it is told to stop."""
        temperature = self.settings.evaluation.temperature
        player = NetworkPlayer(self.evaluator, temperature=temperature, seed=self.streams.seed("player"))
        return StoppablePlayer(player, stop)

    def _rival(self, choice: Choice) -> Player | None:
        """Builds an opponent; None where it can't be built on another process than rank 0."""
        try:
            return self._player(choice)
        except KeiseiError:
            if self.backend.rank == 0:
                raise
            return None

    def _player(self, choice: Choice) -> Player:
        """Builds an opponent anew, so that every match finds it the same."""
        context = PlayerContext(seed=self.streams.seed("opponent"), device=self.evaluator.device)
        player: Player = choice.build(context)
        return player

    def _conditions(self, num_games: int) -> dict[str, Any]:
        """Returns the conditions of a match of this run, the same on every process."""
        table = self.settings.evaluation
        return {
            "num_games": num_games,
            "max_plies": table.max_plies,
            "opening_plies": table.opening_plies,
            "seed": self.streams.seed("openings"),
        }
