"""The contract of trackers finds what is wrong on purpose, and nothing else."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from keisei_core.testing import TRACKER_CHECKS, Logged, Outcome, TrackerUnderTest, failures, run_checks


class Good:
    """Writes a line for each update at once, and drops those that a resume goes back beyond."""

    def __init__(self, run_folder: Path) -> None:
        self.path = run_folder / "toy.jsonl"

    def start(self, last_update: int) -> None:
        if self.path.exists():
            lines = self.path.read_text().splitlines(keepends=True)
            self.path.write_text("".join(line for line in lines if json.loads(line)[0] <= last_update))

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps([update, dict(metrics)]) + "\n")

    def close(self) -> None:
        pass


def read(run_folder: Path) -> Logged:
    path = run_folder / "toy.jsonl"
    return [tuple(json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []


class Rounds(Good):
    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        super().log(update, {name: round(value, 6) for name, value in metrics.items()})


class OnlyAppends(Good):
    def start(self, last_update: int) -> None:
        assert last_update >= 0


class WritesWhenClosed(Good):
    def __init__(self, run_folder: Path) -> None:
        super().__init__(run_folder)
        self.logged: list[tuple[int, dict[str, float]]] = []

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        self.logged.append((update, dict(metrics)))

    def close(self) -> None:
        for update, metrics in self.logged:
            super().log(update, metrics)


class OfTheFirstNames(Good):
    names: tuple[str, ...] = ()

    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        self.names = self.names or tuple(metrics)
        super().log(update, {name: metrics[name] for name in self.names})


class AddsTheUpdate(Good):
    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        super().log(update, metrics)
        metrics["update"] = update  # type: ignore[index]


class WritesWhereItStands(Good):
    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        super().log(update, metrics)
        Path("last.txt").write_text(str(update))


class EndsTheProcess(Good):
    def log(self, update: int, metrics: Mapping[str, float]) -> None:
        try:
            super().log(update, metrics)
        except OSError as error:
            sys.exit(f"can't write metrics: {error}")


BROKEN: dict[str, type[Good]] = {
    "every_update_is_kept": Rounds,
    "resumed_run_has_no_double_updates": OnlyAppends,
    "killed_run_is_continued": WritesWhenClosed,
    "any_metrics_are_taken": OfTheFirstNames,
    "metrics_are_left_alone": AddsTheUpdate,
    "only_the_run_folder_is_written": WritesWhereItStands,
    "failure_never_stops_a_run": EndsTheProcess,
}


def test_good_tracker_passes_every_check() -> None:
    found = run_checks(TRACKER_CHECKS, TrackerUnderTest(make=Good, read=read))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 7


def test_every_check_has_a_tracker_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in TRACKER_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_tracker_breaks_just_its_check(check: str) -> None:
    assert list(failures(TRACKER_CHECKS, TrackerUnderTest(make=BROKEN[check], read=read))) == [check]


def test_tracker_that_cannot_be_read_back_is_not_asked_for_it() -> None:
    found = run_checks(TRACKER_CHECKS, TrackerUnderTest(make=Good))

    assert sum(finding.outcome is Outcome.NOT_ASKED for finding in found) == 3


def test_interrupt_of_the_user_is_not_taken_for_a_failure() -> None:
    class Interrupted(Good):
        def close(self) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        failures(TRACKER_CHECKS[-1:], TrackerUnderTest(make=Interrupted, read=read))
