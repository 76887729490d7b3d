"""Everything one run works with, built from its settings, moving on by one update at a time."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Final

import attrs
import numpy as np
import torch

from keisei_core.checkpoint import Checkpoint, gathered, not_finite_buffers
from keisei_core.decide import Column, Decider, DeciderContext
from keisei_core.decide.column import missing_columns
from keisei_core.distribution import DistributionBackend, never, share_of_each
from keisei_core.errors import PluginError, StoppedError
from keisei_core.evaluate import ActorCritic, Compilation, Evaluator, compile_network
from keisei_core.evaluate.first_look import require_fresh
from keisei_core.experience import GameRecord, Lockstep, OpponentPool, PlayReport, Segment
from keisei_core.learn import (
    Algorithm,
    AlgorithmContext,
    Batches,
    GradientSteps,
    Learner,
    Lecturer,
    Optimization,
    Report,
    TeacherContext,
    Teaching,
)
from keisei_core.observe import FeatureSet, PlaneContext, needs_of
from keisei_core.observe.chosen import chosen_features
from keisei_core.plugins import Choice, Settings
from keisei_core.plugins.choice import distinct_names
from keisei_core.precision import PrecisionPolicy, for_play, prepared
from keisei_core.run.average import AverageNetwork
from keisei_core.run.best import Best
from keisei_core.run.callbacks import CallbackContext, RunView
from keisei_core.run.declared import declared
from keisei_core.run.metrics import Counters, Outlook, ahead_metrics, update_metrics
from keisei_core.run.network_outputs import require_outputs
from keisei_core.run.own_matches import OwnMatches
from keisei_core.run.patience import interruptible
from keisei_core.run.played_ahead import PlayedAhead
from keisei_core.run.random_streams import STREAMS, RandomStreams
from keisei_core.run.settled_precision import require_same_choice, settled
from keisei_core.run.training_state import put_back, state_of
from keisei_core.shogi import Games, configured_starts

EMULATED: Final = (
    "this machine emulates {name}, which is several times slower than fp32; the run learns in it all the same, for it "
    "would be another run without it, and its matches are played in fp32; another run that goes on from this one in "
    "fp32: keisei resume RUN --set precision.name=fp32 --migrate"
)
"""Said before a run begins or goes on."""


class Training:
    """The parts of a run and its state between two updates."""

    def __init__(self, settings: Settings, backend: DistributionBackend) -> None:
        """Builds every part, all opponents of its matches included. Loads the plugins that the settings name.

        Raises:
            PluginError: one of them does not load or does not build.
            ConfigError: a start position is not one, or the processes chose different precisions.
        """
        self.backend = backend
        self.device = device = backend.device
        self.counters = Counters()
        self.best: Best | None = None
        self.segment: Segment | None = None
        self.streams = RandomStreams(settings.run.seed, backend.rank)
        self.precision: PrecisionPolicy = settings.precision.build(device)
        self.settings = settings = settled(settings, self.precision)
        require_same_choice(settings, self.precision, backend)
        self.features = self._build_features()
        torch.manual_seed(self.streams.seed("network"))
        network = prepared(settings.model.build(self.features.channels), self.precision)
        owner = f"model {settings.model.name!r} of {settings.model.owner}"
        self.network = ActorCritic(network, self.features.channels, settings.value, owner).to(device)
        self.notes = require_fresh(self.network, self.features, self.precision, device)
        """What is unusual about the run, a line each."""
        self.not_finite = not_finite_buffers(network)
        """Buffers that hold nan or inf from the start, each with how many."""
        torch.manual_seed(self.streams.seed("noise"))  # of networks that draw while they run, apart on every process
        self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        averaging = settings.learning.averaging
        self.average = AverageNetwork(self.network, averaging) if averaging else None
        """What plays in matches; None where that is the network itself."""
        self.compilation = self._compiled() if settings.run.compile else None
        self.evaluator = Evaluator(self.network, self.features, self.precision, device)
        self.evaluator.records &= settings.run.cuda_graphs
        self.acting = self._build_acting() if settings.run.lag else self.evaluator
        """What plays the games that are learned from."""
        self.player_evaluator = self._build_player_evaluator()
        self.learner = self._build_learner()
        self.starts = configured_starts(settings.starts, settings.selfplay, self.streams.seed("starts"))
        self.source = self._build_source()
        lag = settings.run.lag
        self.ahead = PlayedAhead(self._play, self.acting, self.network, lag) if lag else None
        """What plays while others learn; None where they take turns."""
        require_outputs(self.network, self.precision, self.learner.batches, self.source)
        self.matches = OwnMatches(settings, self.player_evaluator, backend, self.streams)

    def begin_streams(self) -> dict[str, int]:
        """Lets what draws in this process begin anew, as a number of processes needs that did not make the run so far.

        Returns:
            The seeds after the present update, by stream: those of the source are its own to use.
        """
        later = self.counters.update + 1  # a seed sequence takes no notice of a 0 at its end
        seeds = {stream: self.streams.seed(stream, later) for stream in STREAMS}
        torch.manual_seed(seeds["noise"])
        self.learner.batches.order = np.random.default_rng(seeds["order"])
        self.starts.random = np.random.default_rng(seeds["starts"])
        return seeds

    def _compiled(self) -> Compilation:
        num_games = self.settings.selfplay.games // self.backend.world_size
        size = self.settings.learning.minibatch // self.backend.world_size
        return compile_network(self.network, self.precision, self.device, num_games=num_games, minibatch=size)

    def _build_learner(self) -> Learner:
        """Builds the algorithm with the parts that it learns by: minibatches, teachers, gradient steps."""
        settings, backend, device = self.settings, self.backend, self.device
        context = TeacherContext(device=device, evaluator=self.evaluator)
        named = zip(distinct_names(settings.teachers), settings.teachers, strict=True)
        teachers = [
            Lecturer(name, str(choice.owner), declared(choice, choice.build(context))) for name, choice in named
        ]
        batches = Batches(
            self.features,
            Teaching(teachers),
            backend,
            device=device,
            size=share_of_each(settings.learning.minibatch, backend, "[learning] minibatch"),
            num_doublings=settings.learning.minibatch_doublings,
            seed=self.streams.seed("order"),
        )
        optimization: Optimization = settings.optimizer.build(tuple(self.network.network.named_parameters()))
        optimizer, algorithm_choice = settings.optimizer, settings.algorithm
        owner = f"{optimizer.name!r} of {optimizer.owner}"
        steps = GradientSteps(self.network, optimization, self.precision, backend, settings.learning, owner)
        own = AlgorithmContext(evaluator=self.evaluator, batches=batches, steps=steps, backend=backend, device=device)
        algorithm: Algorithm = declared(algorithm_choice, algorithm_choice.build(own))
        return Learner(algorithm, batches, steps, f"{algorithm_choice.name!r} of {algorithm_choice.owner}")

    def _columns(self, decider: Decider) -> tuple[Column, ...]:
        """Returns what is kept of every ply: what algorithm and teachers ask for.

        Raises:
            PluginError: the decider does not give it.
        """
        settings = self.settings
        teachers = [lecturer.teacher for lecturer in self.learner.batches.teaching.lecturers]
        askers: list[tuple[Choice, tuple[Column, ...]]] = [(settings.algorithm, self.learner.algorithm.columns)]
        askers += [(choice, teacher.columns) for choice, teacher in zip(settings.teachers, teachers, strict=True)]
        problems = [
            f"{choice.kind} {choice.name!r} of {choice.owner} {problem} ({settings.decider.name!r} of "
            f"{settings.decider.owner})"
            for choice, wanted in askers
            for problem in missing_columns(wanted, decider.columns)
        ]
        if problems:
            raise PluginError("\n".join(problems))
        return tuple({column.name: column for _, wanted in askers for column in wanted}.values())

    def _history(self, decider: Decider) -> int:
        """Returns how many earlier positions must come with each: the most that any part of the run asks for."""
        teachers = [lecturer.teacher for lecturer in self.learner.batches.teaching.lecturers]
        parts = (self.features, decider, self.learner.algorithm, *teachers)
        return max(needs_of(part).history for part in parts)

    def _build_source(self) -> Lockstep:
        table = self.settings.selfplay
        num_games = share_of_each(table.games, self.backend, "[selfplay] games")
        choice = self.settings.decider
        decider: Decider = declared(choice, choice.build(DeciderContext(num_games=num_games, device=self.device)))
        games = Games(
            num_games,
            max_plies=table.max_plies,
            starts=self.starts.draw(),
            seed=self.streams.seed("games"),
            history=self._history(decider),
        )
        stream = torch.Generator(device=self.device).manual_seed(self.streams.seed("act"))
        num_recorded = min(self.settings.tracking.sample_games, num_games) if self.backend.rank == 0 else 0
        return Lockstep(
            games,
            decider,
            self.acting,
            stream,
            num_plies=table.rollout_plies,
            columns=self._columns(decider),
            num_recorded=num_recorded,
            pool=self._build_pool(num_games),
            owner=f"{choice.name!r} of {choice.owner}",
            played_on=table.played_on,
            in_halves=table.halves == "yes" or (table.halves == "auto" and self.evaluator.queue.is_apart),
        )

    def _build_pool(self, num_games: int) -> OpponentPool | None:
        """Builds the pool of opponents for a share of this process's games; None where that is none of them."""
        table = self.settings.selfplay
        num_played = round(table.pool_share * num_games)
        if not num_played:
            return None
        return OpponentPool(
            self.evaluator,
            num_games=num_played,
            size=table.pool_size,
            seed=self.streams.seed("pool"),
            acting=self.acting,
        )

    @property
    def plies_per_update(self) -> int:
        """Plies of one rollout, over all processes."""
        table = self.settings.selfplay
        return table.games * table.rollout_plies

    @property
    def num_updates(self) -> int:
        """Updates that the run's plies make, at least one."""
        return max(1, round(self.settings.run.plies / self.plies_per_update))

    @property
    def is_complete(self) -> bool:
        """True once all plies or games are played, or the time is up, on any process."""
        return self.backend.any(self.outlook().is_over)

    def outlook(self) -> Outlook:
        """Returns how far the run has come."""
        return Outlook(
            done=self.counters.update,
            total=self.num_updates,
            elapsed_s=self.counters.elapsed_s,
            limit_s=self.settings.run.minutes * 60,
            core_s=self.counters.core_s,
            limit_core_s=self.settings.run.core_minutes * 60,
            games=self.counters.games,
            limit_games=self.settings.run.games,
            finishing_s=self.matches.times.expected_s(self.matches.num_final_games),
        )

    def progress(self) -> float:
        """Returns how far the run has come, 0 to 1, by its plies, games or clocks, whichever will end it first.

        Schedules follow it. Where a clock leads, another run of the same config has other learning rates; all
        processes of one have those of rank 0's clocks.
        """
        own = self.outlook().progress
        if not (self.settings.run.minutes or self.settings.run.core_minutes):
            return own
        if self.backend.rank:
            own = 0.0
        return float(self.backend.sum(torch.tensor(own, dtype=torch.float64, device=self.device)))

    def update(self, stop: Callable[[], bool] = never) -> tuple[dict[str, float], list[GameRecord]]:
        """Plays one rollout and learns from it.

        Args:
            stop: asked before every ply and every minibatch whether to give up; a process alone is interrupted where
                something does not come to that. Several agree on it once all have played, and between minibatches.

        Returns:
            The update's metrics, and the recorded games that ended in it.

        Raises:
            StoppedError: `stop` said so; this training is of no more use, a snapshot of before goes on.
            DivergedError: nan or inf in the network's outputs, or in loss or gradient too many times in a row.
        """
        # Others would wait in vain for a process that leaves at another place than they do.
        with interruptible(stop if self.backend.world_size == 1 else never):
            return self._update(stop)

    def _update(self, stop: Callable[[], bool]) -> tuple[dict[str, float], list[GameRecord]]:
        self.segment = None  # the memory of two is not needed
        started = perf_counter()
        segment, played = self._collect(stop)
        collected = perf_counter()
        progress = self.progress()
        learned = self._learn(segment, progress, stop)
        finished = perf_counter()
        self.segment = segment.frozen() if self.settings.callbacks else None
        self.counters.update += 1
        if self.average is not None:
            self.average.follow(self.network, self.counters.update)
        self.counters.plies += self.plies_per_update
        pool = self.source.pool
        if pool is not None and self.counters.update % self.settings.selfplay.pool_every_updates == 0:
            pool.add(self.counters.update, self.backend)
        played.add_up(self.backend)
        self.counters.games += played.num_finished
        metrics = update_metrics(
            self.counters,
            played,
            learned,
            progress=progress,
            learn_s=finished - collected,
            total_s=finished - started,
            plies=self.plies_per_update,
        )
        metrics |= {f"precision_{name}": value for name, value in self.precision.state_dict().items()}
        if self.ahead is not None:
            metrics |= ahead_metrics(self.ahead.times, finished - started)
        return metrics, played.records

    def _collect(self, stop: Callable[[], bool]) -> tuple[Segment, PlayReport]:
        """Plays one rollout. A process that is asked to stop leaves its games at once, and then they all do."""
        found, version = None, self.counters.update
        with suppress(StoppedError):
            if self.ahead is None:
                found = self._play(version, stop)
            else:
                found = self.ahead.next(version, self.num_updates - version, stop)
        if self.backend.any(found is None) or found is None:
            raise StoppedError("asked to stop during self-play")
        return found

    def _play(self, version: int, stop: Callable[[], bool]) -> tuple[Segment, PlayReport]:
        """Plays one rollout by weights that have seen so many updates."""
        self.starts.refill(self.source.games)
        return self.source.next(version, stop)

    def _learn(self, segment: Segment, progress: float, stop: Callable[[], bool]) -> Report:
        """Learns from a rollout, while a later one is played where the run plays ahead."""
        version = self.counters.update
        if self.ahead is None or not self.ahead.is_wanted(self.num_updates - version - 1):
            return self.learner.update(segment, progress, stop)
        learned = None
        with suppress(StoppedError):
            with self.ahead.playing(version, stop):
                report = self.learner.update(segment, progress, stop)
            learned = report
        if self.backend.any(learned is None) or learned is None:
            raise StoppedError("asked to stop while one rollout was learned from and another was played")
        return learned

    def _build_features(self) -> FeatureSet:
        """Builds the planes, for one thread at a time.

        Raises:
            PluginError: see `chosen_features`.
        """
        return chosen_features(self.settings.features, PlaneContext(max_plies=self.settings.selfplay.max_plies))

    def _build_acting(self) -> Evaluator:
        """Returns an evaluator of a copy of the network, for the thread that plays while the network learns."""
        evaluator = Evaluator(self.network.copied(), self._build_features(), self.precision, self.device)
        evaluator.records = self.evaluator.records
        return evaluator

    def _build_player_evaluator(self) -> Evaluator:
        """Returns what plays the network in matches: what acts, unless this machine emulates the run's precision, or
        the average plays.
        """
        precision = for_play(self.precision, self.device)
        if precision is self.precision and self.average is None:
            return self.evaluator
        if precision is not self.precision:
            self.notes = (*self.notes, EMULATED.format(name=self.settings.precision.name))
        network = self.network if self.average is None else self.average.network
        evaluator = Evaluator(network, self.features, precision, self.device)
        evaluator.records &= self.settings.run.cuda_graphs
        return evaluator

    def callback_context(self, run_folder: Path) -> CallbackContext:
        """Returns what callbacks are built with."""
        return CallbackContext(run_folder=run_folder.absolute(), seed=self.streams.seed("callback"), device=self.device)

    def view(self, run_folder: Path, stop: Callable[[], bool] = never) -> RunView:
        """Returns the run as callbacks see it after an update; `stop` ends the matches that they play."""
        assert self.segment is not None
        return RunView(
            counters=attrs.evolve(self.counters),
            progress=self.outlook().progress,
            evaluator=self.evaluator,
            segment=self.segment,
            run_folder=run_folder.absolute(),
            match=partial(self.matches.play_alone, stop=stop),
        )

    def checkpoint(self) -> Checkpoint | None:
        """Returns the whole state of the run between two updates on rank 0, None elsewhere; every process calls it."""
        return gathered(self.snapshot(), self.backend)

    def snapshot(self) -> Checkpoint:
        """Copies what all processes share and the state of this one, which stands alone in `ranks`."""
        return state_of(self)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Takes back what `checkpoint` gave, on every process. The settings must be those it was made with.

        Raises:
            ValueError: it was made with another optimiser or algorithm.
        """
        put_back(self, checkpoint)
