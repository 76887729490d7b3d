"""The contract of callbacks finds what is wrong on purpose, and nothing else."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keisei_core.run import CallbackContext, RunView
from keisei_core.testing import CALLBACK_CHECKS, CallbackUnderTest, Outcome, failures, feature_set, run_checks


class Good:
    """Tells how sure the network is of its value, and writes a line for each update."""

    made = 0

    def __init__(self, context: CallbackContext) -> None:
        self.path = context.run_folder / "toy.txt"
        Good.made += 1

    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float]:
        values = view.evaluator.value(view.segment.positions_of(np.arange(view.segment.num_plies)))
        with self.path.open("a") as file:
            file.write(f"{view.counters.update} {metrics['kl']}\n")
        return {"sure": float(np.abs(values).mean()), "won": view.match("random", 2).score}

    def after_checkpoint(self, path: Path) -> None:
        assert path.name.startswith("update-")

    def at_end(self, result: Mapping[str, Any]) -> None:
        assert "score" in result


class TellsInWords(Good):
    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Any:
        return {**super().after_update(view, metrics), "sure": "very"}


class CountsItsKind(Good):
    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float]:
        return {**super().after_update(view, metrics), "made": Good.made}


class Turns(Good):
    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float]:
        given = super().after_update(view, metrics)
        next(view.evaluator.network.parameters()).data.neg_()
        return given


class Stamps(Good):
    def after_checkpoint(self, path: Path) -> None:
        if path.is_dir():
            (path / "stamp").touch()


class WritesWhereItStands(Good):
    def at_end(self, result: Mapping[str, Any]) -> None:
        Path("last.txt").write_text(str(result))


class EndsTheProcess(Good):
    def after_update(self, view: RunView, metrics: Mapping[str, float]) -> Mapping[str, float]:
        try:
            return super().after_update(view, metrics)
        except OSError as error:
            sys.exit(f"can't write: {error}")


BROKEN: dict[str, type[Good]] = {
    "figures_are_numbers": TellsInWords,
    "same_run_gives_same_figures": CountsItsKind,
    "run_is_left_alone": Turns,
    "checkpoint_is_left_alone": Stamps,
    "only_the_run_folder_is_written": WritesWhereItStands,
    "failure_never_stops_a_run": EndsTheProcess,
}


def under_test(make: type[Good], **declared: Any) -> CallbackUnderTest:
    return CallbackUnderTest(make=make, features=feature_set("core46"), **declared)


def test_good_callback_passes_every_check() -> None:
    found = run_checks(CALLBACK_CHECKS, under_test(Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 6


def test_every_check_has_a_callback_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in CALLBACK_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_callback_breaks_just_its_check(check: str) -> None:
    assert list(failures(CALLBACK_CHECKS, under_test(BROKEN[check]))) == [check]


def test_callback_that_says_it_is_not_deterministic_is_not_asked() -> None:
    assert failures(CALLBACK_CHECKS, under_test(CountsItsKind, deterministic=False)) == {}
