"""What follows from how the workers of a group ended: which of them is told of, whether all start again."""

import signal

import pytest

from keisei_core.errors import ConfigError, DistributionError, KeiseiError
from keisei_core.launching import Outcome, Restarts, restarts

NOTHING: dict[tuple[int, int], Outcome] = {}


def group(most: int = 1, left: dict[tuple[int, int], Outcome] = NOTHING) -> Restarts:
    """Three workers that leave outcomes by rank and attempt."""
    found = Restarts(3, most, lambda rank, attempt: left.get((rank, attempt)))
    found.begin()
    return found


def test_exit_code_is_that_of_rank_0_where_nobody_failed():
    assert group(left={(0, 0): Outcome(code=75), (1, 0): Outcome(code=3)}).exit_code() == 75


def test_rank_0_that_ends_well_without_a_word_has_not_done_its_work():
    with pytest.raises(DistributionError, match="rank 0 of 3 ended with exit code 0, but did not say"):
        group(left={(1, 0): Outcome(code=0)}).exit_code()


def test_worker_that_only_lost_another_is_not_the_one_to_tell_of():
    ended = group()
    ended.note(0, 6)
    ended.note(2, -signal.SIGKILL)
    ended.note(1, 6)

    assert (ended.first_failed(), ended.cause()) == (2, "rank 2 of 3 was killed by SIGKILL")


def test_first_end_of_a_rank_counts_and_a_good_one_is_none():
    ended = group()
    ended.note(1, 0)
    ended.note(1, 3)
    ended.note(1, -9)

    assert ended.ends == {1: 3}


def test_group_that_lost_one_waits_for_the_cause_and_not_for_ever(monkeypatch):
    ended = group()
    ended.note(0, 6)
    assert ended.is_waiting_for_cause
    monkeypatch.setattr(restarts, "CAUSE_S", 0.0)
    assert not ended.is_waiting_for_cause
    monkeypatch.setattr(restarts, "CAUSE_S", 60.0)
    ended.note(1, -9)
    assert not ended.is_waiting_for_cause


@pytest.mark.parametrize(("code", "left"), [(1, 2), (6, 2), (-9, 2), (2, 0), (3, 0), (4, 0), (5, 0), (7, 0)])
def test_what_would_only_happen_once_more_is_not_tried_again(code, left):
    ended = group(most=2)
    ended.note(1, code)

    assert ended.left == left


def test_nothing_is_started_again_after_a_stop_or_too_often(capsys):
    ended = group(most=1, left={(1, 0): Outcome(code=1, message="boom", traceback="Traceback of it")})
    ended.note(1, 1)
    ended.again()

    assert (ended.left, ended.attempt) == (0, 1)
    said = capsys.readouterr().err
    assert "traceback of rank 1:\nTraceback of it" in said
    assert "rank 1 of 3 ended with exit code 1 (boom); starting again (1 of 1) from the last checkpoint" in said
    stopped = group(most=5)
    stopped.stop_requested = signal.SIGINT
    assert stopped.left == 0


def test_attempt_that_begins_forgets_the_ends_of_the_one_before():
    ended = group()
    ended.note(1, -9, "is gone with its machine")
    ended.begin()
    assert ended.ends == {}
    ended.note(1, -9)
    assert ended.cause() == "rank 1 of 3 was killed by SIGKILL"


def test_worker_that_left_nothing_is_told_with_what_to_do():
    ended = group()
    ended.note(2, -9, "is gone with its machine")

    with pytest.raises(DistributionError, match="rank 2 of 3 is gone with its machine and the others were ended; look"):
        ended.exit_code()


def test_error_that_a_worker_left_is_raised_as_it_was():
    ended = group(left={(1, 0): Outcome.of(ConfigError(["wrong"]))})
    ended.note(1, 2)

    with pytest.raises(ConfigError, match=r"^wrong$"):
        ended.exit_code()


def test_defect_is_told_with_its_rank_and_traceback(capsys):
    ended = group(left={(1, 0): Outcome(code=1, message="ValueError: boom", traceback="Traceback of it")})
    ended.note(1, 1)

    with pytest.raises(KeiseiError, match=r"^rank 1 of 3 failed: ValueError: boom$"):
        ended.exit_code()
    assert "traceback of rank 1:\nTraceback of it" in capsys.readouterr().err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_workers_stopped_before_there_was_anything_to_save_end_as_by_the_signal(number, code):
    ended = group()
    ended.stop_requested = number
    ended.note(0, -signal.SIGTERM)

    assert ended.exit_code() == code
