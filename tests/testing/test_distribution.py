"""The contract of distribution backends finds what is wrong on purpose, and nothing else; in real processes."""

import sys
from functools import partial
from pathlib import Path

import pytest

from keisei_core.distribution import Single
from keisei_core.testing import (
    DISTRIBUTION_CHECKS,
    DistributionContract,
    DistributionUnderTest,
    Outcome,
    World,
    failures,
    run_checks,
)
from keisei_core.testing.distribution import check_killed_process_starts_all_again, check_signals_reach_the_work

sys.path.append(str(Path(__file__).parent / "parts"))  # for the processes too

import toy_distribution as toy

BROKEN: dict[str, type[toy.Good]] = {
    "every_process_takes_part": toy.ThinksItIsAlone,
    "device_is_of_the_kind_asked_for": toy.SomewhereElse,
    "sum_reaches_every_process": toy.SumsForRank0,
    "sum_leaves_its_input_alone": toy.SumsInPlace,
    "any_is_the_same_everywhere": toy.AsksItself,
    "gather_is_in_the_order_of_ranks": toy.GathersBackwards,
    "broadcast_is_that_of_rank_0": toy.BroadcastsNothing,
    "barrier_waits_for_the_last": toy.WaitsForNobody,
    "gradients_equal_those_of_one_process": toy.SumsGradients,
    "buffers_are_settled": toy.SettlesNothing,
    "exit_code_comes_back": toy.AlwaysEndsWell,
    "failing_process_ends_all": toy.LeavesOthersWhereOneRaised,
    "error_of_the_work_comes_back": toy.HidesErrors,
    "killed_process_ends_all": toy.SeesNoKilledProcess,
    "killed_process_starts_all_again": toy.ForgetsItsAttempt,
    "signals_reach_the_work": toy.KeepsSignals,
}


@pytest.fixture(scope="module", autouse=True)
def server_of_processes() -> None:
    """Starts what processes are forked from: its imports take seconds, which no test should count as its own."""
    process = toy.CONTEXT.Process(target=int)
    process.start()
    process.join()


def under_test(backend: type[toy.Good], seconds: float = 60) -> DistributionUnderTest:
    class Worlds(DistributionContract):
        target = backend
        worlds = {1: 1, 2: 2}
        restarts = toy.Again(2)
        limit_s = seconds

    return Worlds.under_test()


def test_good_backend_passes_every_check() -> None:
    found = run_checks(DISTRIBUTION_CHECKS, under_test(toy.Good))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 16


def test_every_check_has_a_backend_that_breaks_it() -> None:
    assert [f"check_{name}" for name in BROKEN] == [check.__name__ for check in DISTRIBUTION_CHECKS]


@pytest.mark.parametrize("check", BROKEN)
def test_wrong_backend_breaks_just_its_check(check: str) -> None:
    seconds = 8 if check == "killed_process_ends_all" else 60
    found = failures(DISTRIBUTION_CHECKS, under_test(BROKEN[check], seconds))
    assert list(found) == [check], found


def test_single_process_is_not_asked_what_needs_two() -> None:
    alone = World(size=1, make=Single, launch=None)
    found = run_checks(DISTRIBUTION_CHECKS, DistributionUnderTest(make=Single, worlds={1: alone}))

    assert [finding.check for finding in found if finding.outcome is Outcome.NOT_ASKED] == [
        "exit_code_comes_back",
        "failing_process_ends_all",
        "error_of_the_work_comes_back",
        "killed_process_ends_all",
        "killed_process_starts_all_again",
        "signals_reach_the_work",
    ]


def test_backend_without_a_launcher_is_started_by_torchrun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOY_FOLDER", str(tmp_path))
    two = World(size=2, make=partial(toy.StartedByTorchrun, options=2), launch=None)
    # One more start of torchrun takes seconds, and a killed process is harder to see than one that raised.
    checks = [check for check in DISTRIBUTION_CHECKS if "failing" not in check.__name__]
    found = run_checks(checks, DistributionUnderTest(make=list, worlds={2: two}))

    not_asked = [finding.check for finding in found if finding.outcome is Outcome.NOT_ASKED]
    assert not_asked == [
        "exit_code_comes_back",
        "error_of_the_work_comes_back",
        "killed_process_starts_all_again",
        "signals_reach_the_work",
    ]


def test_launcher_made_of_the_public_parts_starts_again_and_hands_signals_on() -> None:
    checks = [check_killed_process_starts_all_again, check_signals_reach_the_work]

    found = run_checks(checks, under_test(toy.Relaunched))

    assert [finding.outcome for finding in found] == [Outcome.PASSED] * 2


def test_what_all_worlds_share_is_started_once_and_ended_though_a_check_was_left_out() -> None:
    done = []

    class Worlds(DistributionContract):
        target = toy.Good
        worlds = {1: 1}

        @classmethod
        def start(cls) -> None:
            done.append("started")

        @classmethod
        def stop(cls) -> None:
            done.append("stopped")

    Worlds.setup_class()
    Worlds.teardown_class()

    assert done == ["started", "stopped"]
