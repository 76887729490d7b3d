"""The loop of a run: update after update, with matches, checkpoints and metrics in between."""

from time import perf_counter

import attrs

from keisei_core.arena import Score
from keisei_core.checkpoint import CheckpointStore
from keisei_core.run.folder import RunFolder
from keisei_core.run.jsonl_tracker import append_line, keep_until
from keisei_core.run.progress import Progress
from keisei_core.run.stop import StopRequest
from keisei_core.run.trackers import Trackers
from keisei_core.run.training import Training


class Loop:
    """Moves a training on until it is complete or asked to stop."""

    def __init__(
        self, training: Training, folder: RunFolder, trackers: Trackers, progress: Progress, stop: StopRequest
    ) -> None:
        self.training = training
        self.folder = folder
        self.trackers = trackers
        self.progress = progress
        self.stop = stop
        self.store = CheckpointStore(folder.checkpoints, training.settings.checkpoint.keep)
        self.saved_update = training.counters.update
        self.ticked_s = perf_counter()

    def run(self) -> bool:
        """Runs to the end; returns False if it was asked to stop before. Either way the state is saved."""
        training = self.training
        keep_until(self.folder.games, training.counters.update)
        self.trackers.start(training.counters.update)
        self.ticked_s = perf_counter()
        while not training.is_complete:
            if training.backend.any(self.stop.requested):
                self.save()
                return False
            self._update()
        self.save()
        return True

    def _update(self) -> None:
        """Makes one update and all that is due after it."""
        training = self.training
        metrics, records = training.update()
        update, evaluation = training.counters.update, training.settings.evaluation
        for record in records:
            append_line(self.folder.games, {"update": update, **attrs.asdict(record)})
        if evaluation.every_updates and update % evaluation.every_updates == 0:
            metrics |= self._evaluate(evaluation.games)
        self._tick()
        self.trackers.log(update, {**metrics, "elapsed_s": training.counters.elapsed_s})
        self.progress.update(metrics, training.outlook())
        if update % training.settings.checkpoint.every_updates == 0:
            self.save()

    def _tick(self) -> None:
        """Lets the run's clock go on: matches and checkpoints count as much as updates."""
        now = perf_counter()
        self.training.counters.elapsed_s += now - self.ticked_s
        self.ticked_s = now

    def _evaluate(self, num_games: int) -> dict[str, float]:
        """Plays a match during training and tells how it went."""
        score = self.training.match(num_games)
        self.progress.say(f"update {self.training.counters.update}: {self.against(score)}")
        return {"score": score.score, "score_low": score.low, "score_high": score.high}

    def against(self, score: Score) -> str:
        """Says a score and against whom."""
        return f"{score} against {self.training.settings.opponent.name}"

    def save(self) -> None:
        """Writes a checkpoint of the present update, unless it is written already."""
        update = self.training.counters.update
        if update != self.saved_update:
            self._tick()
            if (checkpoint := self.training.checkpoint()) is not None:
                self.store.save(update, checkpoint)
            self.saved_update = update
