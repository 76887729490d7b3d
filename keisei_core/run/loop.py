"""The loop of a run: update after update, with matches, checkpoints and metrics in between."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Final

import attrs

from keisei_core.arena import Score
from keisei_core.checkpoint import Checkpoint, CheckpointStore, gathered, read_checkpoint, require_finite
from keisei_core.errors import CheckpointError, StoppedError
from keisei_core.experience import GameRecord
from keisei_core.plugins import Choice, load_registry
from keisei_core.plugins.players import network_choice, player_text
from keisei_core.run.alarms import Alarms
from keisei_core.run.best import ENOUGH, Best, BestByFigure
from keisei_core.run.callbacks import Callbacks
from keisei_core.run.folder import RunFolder, disk_errors
from keisei_core.run.inventory import Inventory
from keisei_core.run.match_games import MatchGames, Occasion
from keisei_core.run.matches import from_rank_0, score_figures
from keisei_core.run.progress import Progress
from keisei_core.run.stop import StopRequest
from keisei_core.run.tracking import Trackers, append_line, keep_until
from keisei_core.run.training import Training

JSONL: Final = "keisei:jsonl"
"""The tracker that writes the metrics of the run folder."""


class Loop:
    """Moves a training on until it is complete or asked to stop."""

    def __init__(
        self,
        training: Training,
        folder: RunFolder,
        trackers: Trackers,
        progress: Progress,
        stop: StopRequest,
        callbacks: Callbacks | None = None,
    ) -> None:
        """Takes the parts of a run.

        Args:
            training: moved on.
            folder: where rank 0 writes.
            trackers: those of this process.
            progress: likewise.
            stop: asked again and again.
            callbacks: those of rank 0; None where the run has none.
        """
        self.training = training
        self.folder = folder
        self.trackers = trackers
        self.callbacks = callbacks or Callbacks((), training.callback_context(folder.path), progress.say)
        self.progress = progress
        self.match_games = MatchGames(folder.matches, training.settings.tracking.match_games)
        training.matches.times.show = progress.match
        self.alarms = Alarms()
        self.inventory = Inventory(progress.say)
        self.stop = stop
        self.best_by = BestByFigure(training.settings.checkpoint.best_by, progress.say)
        self.store = CheckpointStore(folder.checkpoints, training.settings.checkpoint.keep)
        self.newest: Path | None = None
        """The newest checkpoint that was written since the run began or went on."""
        self.saved_update = training.counters.update or None
        """The update of the newest checkpoint; a new run has none yet."""
        self.ticked_s, self.ticked_core_s = perf_counter(), process_time()
        self._has_doubted = False
        """Whether it was said that no game of a match ended."""

    def run(self) -> bool:
        """Runs to the end; returns False if it was asked to stop before. Either way the state is saved.

        An update is made whole, with its match and its line in the metrics, or not at all: a stop in the middle of one
        saves the state before it, from which a resumed run makes it again, bit for bit. Where the source can't give
        the same segments again, a snapshot before every update would be of no use: a stop then leaves the newest
        checkpoint as the place to go on from.

        Raises:
            DivergedError: training diverged; nothing was saved since.
            RunFolderError: something can't be written; what was saved before is untouched.
        """
        training, backend = self.training, self.training.backend
        self._begin()
        while not training.is_complete:
            if backend.any(self.stop.is_requested()):
                self.save()
                return False
            before = training.snapshot() if training.source.is_exact else None
            try:
                self._update()
            except StoppedError:
                if before is not None:
                    self._write(before)
                return False
            if backend.any(self.stop.take_save_request()):
                self.save()
        self.save()
        return True

    def _begin(self) -> None:
        """Brings what is appended to back to where the run goes on; saves a new run before its first update."""
        update = self.training.counters.update
        if self.training.backend.rank == 0:
            with disk_errors(self.folder.path):
                keep_until(self.folder.games, update)
                self.match_games.begin(update)
        self.trackers.start(update)
        if not self.training.source.is_exact:
            self.progress.say("note: the source is not exact: a stopped run goes on from its newest checkpoint")
        if not self.training.settings.checkpoint.games:
            self.progress.say("note: not exact: checkpoints hold no games; a stopped run goes on with new ones")
        self.ticked_s, self.ticked_core_s = perf_counter(), process_time()
        if update == 0:
            self.save()
        self.take_stock()

    def take_stock(self, *, has_metrics: bool = False) -> None:
        """Tells of files that somebody has taken away; the config, without which nothing goes on, is put back.

        Args:
            has_metrics: whether every tracker has taken in the metrics of an update by now.
        """
        if self.training.backend.rank or not self.folder.path.is_dir():  # which the next write tells
            return
        paths = {**self.folder.files(), "checkpoint": self.newest or self.store.root}
        writes = has_metrics and any(choice.reference == JSONL for choice in self.training.settings.trackers)
        if self.folder.config.name in self.inventory.look(paths, [self.folder.metrics.name] * writes):
            self.folder.write_config(self.training.settings.to_document())
            self.inventory.look(paths)

    def close(self) -> None:
        """Tells of files that are gone at the end."""
        self.take_stock()
        self.inventory.close()

    def _update(self) -> None:
        """Makes one update and all that is due after it.

        Raises:
            StoppedError: asked to stop; nothing of the update was logged or saved.
        """
        training, stop = self.training, self.stop.is_requested
        metrics, records = training.update(stop)
        update, evaluation = training.counters.update, training.settings.evaluation
        best = training.best
        if evaluation.every_updates and update % evaluation.every_updates == 0:
            metrics |= self._evaluate(evaluation.games)
        metrics = self._with_callbacks(metrics)
        training.best = self.best_by.judge(update, metrics, training.best)
        self._tick()
        self._log(metrics, records)
        self.take_stock()
        is_due = update % training.settings.checkpoint.every_updates == 0
        if is_due or (training.settings.checkpoint.keep_best and training.best != best):
            self.save()

    def _with_callbacks(self, metrics: dict[str, float]) -> dict[str, float]:
        """Adds the callbacks' figures to an update's.

        Where there are any, or one of the core's own says which checkpoint is best, all processes get rank 0's figures:
        what is decided by them is the same in all.

        Raises:
            StoppedError: asked to stop during a match that a callback plays.
        """
        training = self.training
        if not training.settings.callbacks and not self.best_by.is_asked:
            return metrics
        everywhere: dict[str, float] = from_rank_0(lambda: metrics | self._callback_figures(metrics), training.backend)
        return everywhere

    def _callback_figures(self, metrics: Mapping[str, float]) -> dict[str, float]:
        training, stop = self.training, self.stop.is_requested
        if not training.settings.callbacks:
            return {}
        training.network.eval()
        return self.callbacks.after_update(training.view(self.folder.path, stop), metrics)

    def _log(self, metrics: Mapping[str, float], records: Sequence[GameRecord]) -> None:
        """Writes down the games and figures of the present update and shows them."""
        counters = self.training.counters
        update = counters.update
        with disk_errors(self.folder.path):
            for record in records:
                append_line(self.folder.games, {"update": update, **attrs.asdict(record)})
            self.match_games.write()
        self.trackers.log(update, {**metrics, "elapsed_s": counters.elapsed_s, "core_s": counters.core_s})
        self.progress.update(metrics, self.training.outlook())
        for alarm in self.alarms.check(metrics):
            self.progress.say(f"warning: update {update}: {alarm}")

    def _tick(self) -> None:
        """Lets the run's clocks go on: matches and checkpoints count as much as updates."""
        now, core_s = perf_counter(), process_time()
        self.training.counters.elapsed_s += now - self.ticked_s
        self.training.counters.core_s += core_s - self.ticked_core_s
        self.ticked_s, self.ticked_core_s = now, core_s

    def _evaluate(self, num_games: int) -> dict[str, float]:
        """Plays a match during training and tells how it went."""
        training, update = self.training, self.training.counters.update
        score = self.match(Occasion.TRAINING, num_games)
        self.progress.say(f"update {update}: {self.against(score)}")
        if score.doubt and not self._has_doubted:
            self._has_doubted = True
            self.progress.say(f"warning: update {update}: {score.doubt}; raise [evaluation] max_plies")
        figures = score_figures("score", score) | self._value_figures()
        if self.best_by.is_asked or not training.settings.checkpoint.keep_best:
            return figures
        if training.best is None or not self._is_there(training.best):
            opponent = player_text(training.settings.opponent)
            training.best = Best(update=update, score=score.score, opponent=opponent)
            return figures
        return figures | self._challenge(training.best, num_games)

    def match(self, occasion: Occasion, num_games: int, opponent: Choice | None = None) -> Score:
        """Plays a match of the present network, on every process, and keeps games of it for `match_games.write`.

        Args:
            occasion: why it is played.
            num_games: an even number.
            opponent: None takes the configured one.

        Raises:
            StoppedError: asked to stop.
        """
        training, update = self.training, self.training.counters.update
        score = training.matches.play(num_games, self.stop.is_requested, opponent)
        name = str(self.store.path_of(update))
        self.match_games.add(training.matches.records(self.match_games.most, name, opponent), occasion, update)
        return score

    def _value_figures(self) -> dict[str, float]:
        """Tells how well the value foretold the results of the match; nothing where no game of it has one."""
        quality, update = self.training.matches.value_quality(), self.training.counters.update
        if quality is None:
            return {}
        level = "warning: " if quality.is_worse_than_material else ""
        self.progress.say(f"{level}update {update}: value: {quality.text()}")
        return quality.figures()

    def _is_there(self, best: Best) -> bool:
        """Tells every process whether the checkpoint of the best network can be played."""

        def read() -> bool:
            try:
                read_checkpoint(self.store.path_of(best.update))
            except CheckpointError as error:
                self.progress.say(f"warning: the best network is gone, the present one takes its place ({error})")
                return False
            return True

        return bool(from_rank_0(read, self.training.backend))

    def _challenge(self, best: Best, num_games: int) -> dict[str, float]:
        """Lets the present network play the best one, and take its place where it wins by enough."""
        training, path = self.training, self.store.path_of(best.update)
        settings = training.settings
        incumbent = network_choice(path, load_registry(), settings.evaluation.temperature)
        score = self.match(Occasion.BEST, num_games, incumbent)
        is_best = score.score >= ENOUGH
        if is_best:
            training.best = Best(update=training.counters.update, score=score.score, opponent=path.name)
        outcome = "takes its place" if is_best else f"needs {ENOUGH} to take its place"
        self.progress.say(f"update {training.counters.update}: {score} against the best, {path.name}; {outcome}")
        return score_figures("score_against_best", score)

    def against(self, score: Score) -> str:
        """Says a score and against whom."""
        return f"{score} against {player_text(self.training.settings.opponent)}"

    def save(self) -> None:
        """Writes a checkpoint of the present update, unless it is written already."""
        self._tick()
        self._write(self.training.snapshot())

    def _best_update(self, snapshot: Checkpoint) -> int | None:
        """Returns the update whose checkpoint stays beside the newest ones: the best that the snapshot knows.

        The training may know a later one that was judged in an update which a stop undid.
        """
        best = snapshot.state["best"]
        return best["update"] if best and self.training.settings.checkpoint.keep_best else None

    def _write(self, snapshot: Checkpoint) -> None:
        """Writes a snapshot of every process, unless its update is written already."""
        update = snapshot.state["counters"]["update"]
        if update == self.saved_update:
            return
        require_finite(snapshot)
        whole = gathered(snapshot, self.training.backend)
        if whole is not None:
            self.trackers.settle()
            with disk_errors(self.folder.path):
                self.newest = self.store.save(update, whole, self._best_update(snapshot))
            self.take_stock(has_metrics=update > 0)
            self.callbacks.after_checkpoint(self.newest)
        self.saved_update = update
