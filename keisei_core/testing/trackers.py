"""What is asked of a tracker."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import attrs

from keisei_core.run.tracking import Tracker
from keisei_core.testing.check import Check
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.run_folder import run_folder, survive, take_away
from keisei_core.testing.under_test import UnderTest

Logged = Sequence[tuple[int, Mapping[str, float]]]
"""What a tracker kept, by update, in the order kept."""

METRICS: Final = {"loss": 0.5, "plies_per_s": 12345.0, "score/against random": 0.75, "kl": 1e-9}
TOLERANCE: Final = 1e-6
"""Relative; many trackers keep float32."""


@attrs.frozen(kw_only=True)
class TrackerUnderTest(UnderTest):
    """A tracker and how what it kept can be read back."""

    make: Callable[[Path], Tracker]
    read: Callable[[Path], Logged] | None = None
    """Takes the run folder; None where nothing can be read back, e.g. from a server."""

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Makes a run folder in a place of its own, which is the working folder meanwhile."""
        with run_folder("keisei-tracker-") as folder:
            yield folder

    def kept(self, folder: Path) -> Logged:
        """Reads what was kept, where the author says how."""
        ask_only_if(self.read is not None, "read is not defined")
        assert self.read is not None
        return self.read(folder)


def check_every_update_is_kept(under_test: TrackerUnderTest) -> None:
    """What is logged is there once the tracker is closed, with its values."""
    with under_test.folder() as folder:
        tracker = under_test.make(folder)
        tracker.start(0)
        _log(tracker, range(1, 4))
        tracker.close()
        _require_kept(under_test.kept(folder), {update: _metrics(update, 0) for update in range(1, 4)})


def check_resumed_run_has_no_double_updates(under_test: TrackerUnderTest) -> None:
    """A run that goes on from update 3 has every update once, those after 3 as they were logged last."""
    with under_test.folder() as folder:
        first = under_test.make(folder)
        first.start(0)
        _log(first, range(1, 6))
        first.close()
        second = under_test.make(folder)
        second.start(3)
        _log(second, range(4, 7), attempt=1)
        second.close()
        kept = [(update, metrics["loss"]) for update, metrics in under_test.kept(folder)]
    expected = [(update, _metrics(update, attempt=update > 3)["loss"]) for update in range(1, 7)]
    require(kept == expected, f"kept updates with their loss must be {expected}, got {kept}")


def check_killed_run_is_continued(under_test: TrackerUnderTest) -> None:
    """A run that was killed never closed its tracker: what it had logged is there when it goes on."""
    with under_test.folder() as folder:
        killed = under_test.make(folder)
        killed.start(0)
        _log(killed, range(1, 6))
        second = under_test.make(folder)
        second.start(3)
        _log(second, range(4, 7), attempt=1)
        second.close()
        kept = {update for update, _ in under_test.kept(folder)}
        with suppress(Exception):
            killed.close()  # a killed process gives back its files and threads, this one must be asked to
    lost = sorted(set(range(1, 7)) - kept)
    require(not lost, f"what a killed run had logged must be kept, updates {lost} are lost")


def check_any_metrics_are_taken(under_test: TrackerUnderTest) -> None:
    """Numbers may be nan or inf, and names come and go from update to update."""
    with under_test.folder() as folder:
        tracker = under_test.make(folder)
        tracker.start(0)
        batches: list[dict[str, float]] = [{"loss": 1.0}, {"loss": math.nan, "kl": math.inf}, {}, {"new": -math.inf}]
        for update, metrics in enumerate(batches, start=1):
            try:
                tracker.log(update, metrics)
            except Exception as error:
                raise ContractError(f"log must take any metrics, got {error!r} for {metrics}") from error
        tracker.close()


def check_metrics_are_left_alone(under_test: TrackerUnderTest) -> None:
    """Other trackers get the same metrics, and so none may change them."""
    with under_test.folder() as folder:
        tracker = under_test.make(folder)
        tracker.start(0)
        metrics = dict(METRICS)
        tracker.log(1, metrics)
        tracker.close()
    require(metrics == METRICS, f"log must not change the metrics, expected {METRICS}, got {metrics}")


def check_only_the_run_folder_is_written(under_test: TrackerUnderTest) -> None:
    """Nothing appears beside the run folder, nor in the folder that the command was started in."""
    with under_test.folder() as folder:
        tracker = under_test.make(folder)
        tracker.start(0)
        _log(tracker, range(1, 3))
        tracker.close()
        beside = sorted(path.name for path in folder.parent.iterdir() if path != folder)
    require(not beside, f"a tracker must write in the run folder only, it made {beside} outside of it")


def check_failure_never_stops_a_run(under_test: TrackerUnderTest) -> None:
    """With its folder gone a tracker may raise an ordinary exception, which a run survives, and nothing else."""
    with under_test.folder() as folder:
        tracker = under_test.make(folder)
        survive("start", lambda: tracker.start(0))
        take_away(folder)
        survive("log", lambda: tracker.log(1, dict(METRICS)))
        survive("close", tracker.close)
    with under_test.folder() as folder:
        other = under_test.make(folder)
        take_away(folder)
        survive("start", lambda: other.start(0))
        survive("close", other.close)


TRACKER_CHECKS: Final[tuple[Check, ...]] = (
    check_every_update_is_kept,
    check_resumed_run_has_no_double_updates,
    check_killed_run_is_continued,
    check_any_metrics_are_taken,
    check_metrics_are_left_alone,
    check_only_the_run_folder_is_written,
    check_failure_never_stops_a_run,
)


def _metrics(update: int, attempt: int) -> dict[str, float]:
    return {name: value * (update + 10 * attempt) for name, value in METRICS.items()}


def _log(tracker: Tracker, updates: range, attempt: int = 0) -> None:
    for update in updates:
        tracker.log(update, _metrics(update, attempt))


def _require_kept(kept: Logged, expected: Mapping[int, Mapping[str, float]]) -> None:
    """Compares updates, then the metrics of each; a tracker may keep more metrics than were logged."""
    updates = [update for update, _ in kept]
    require(updates == list(expected), f"kept updates must be {list(expected)}, got {updates}")
    for update, metrics in kept:
        for name, value in expected[update].items():
            got = metrics.get(name)
            same = got is not None and math.isclose(got, value, rel_tol=TOLERANCE, abs_tol=1e-12)
            require(same, f"{name} of update {update} must be kept as {value}, got {got}")
