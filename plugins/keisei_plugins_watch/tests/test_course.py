"""What the page says of a run is what the run is doing."""

import pytest
from watched_files import RESULT, append, begin, metrics

from keisei_plugins_report.gather.document import document_of
from keisei_plugins_report.gather.opinions import Opinions
from keisei_plugins_watch.live.course import State, course
from keisei_plugins_watch.live.followed_run import FollowedRun
from keisei_plugins_watch.live.run_process import Phase, RunProcess

ENDED = [metrics(update) for update in range(1, 5)]


def course_of(files, phase=Phase.NONE, *, is_gone=False):
    head = document_of([files], [Opinions.none()])["runs"][0]["head"]
    return course(files, head, RunProcess(7, phase), is_gone=is_gone)


@pytest.mark.parametrize(
    ("phase", "rows", "result", "state"),
    [
        (Phase.READY, ENDED[:2], {}, State.TRAINING),
        (Phase.READY, ENDED, {}, State.MATCHES),
        (Phase.READY, ENDED[:2], RESULT, State.TRAINING),
        (Phase.STARTING, [], {}, State.STARTING),
        (Phase.STARTING, ENDED, RESULT, State.ENDED),
        (Phase.STOPPING, ENDED[:2], {}, State.STOPPING),
        (Phase.NONE, ENDED[:2], {}, State.STOPPED),
        (Phase.NONE, ENDED, RESULT, State.ENDED),
        (Phase.HIDDEN, ENDED[:2], {}, State.HIDDEN),
        (Phase.HIDDEN, ENDED, RESULT, State.ENDED),
    ],
)
def test_state_follows_from_process_and_files(tmp_path, phase, rows, result, state):
    run = FollowedRun(begin(tmp_path / "mine"))
    run.files.metrics[:] = rows
    run.files.result.update(result)

    assert course_of(run.files, phase)["state"] == state


def test_folder_that_has_not_begun_is_waited_for(tmp_path):
    assert course_of(FollowedRun(tmp_path).files)["state"] == State.WAITING


def test_course_tells_time_left_last_match_and_newest_checkpoint(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = begin(tmp_path / "mine")
    for name in ("update-000001", "update-000002"):
        (run / "checkpoints" / name).mkdir(parents=True)

    found = course_of(FollowedRun(run).files, Phase.READY)

    assert (found["share"], found["left_s"]) == (0.5, 60)  # two of four updates in a minute
    assert found["match"] == {"update": 2, "opponent": "random", "score": 0.5, "low": 0.2, "high": 0.8}
    assert (found["saved"], found["resume"]) == ("update-000002", "keisei resume mine")


def test_computing_that_ends_a_run_counts(tmp_path):
    run = begin(tmp_path / "mine")
    (run / "config.toml").write_text("[run]\nplies = 256_000\ncore_minutes = 2.5\n")
    append(run / "metrics.jsonl", metrics(3, core_s=100.0))

    found = course_of(FollowedRun(run).files, Phase.READY)

    assert (found["share"], found["left_s"]) == (0.6667, 45)  # a third of it in half as many seconds as were used


def test_clock_that_ends_a_run_counts(tmp_path):
    run = begin(tmp_path / "mine")
    (run / "config.toml").write_text("[run]\nplies = 256_000\nminutes = 1.5\n")

    found = course_of(FollowedRun(run).files, Phase.READY)

    assert (found["share"], found["left_s"]) == (0.6667, 30)
