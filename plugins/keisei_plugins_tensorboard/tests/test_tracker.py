"""Curves as TensorBoard itself reads them, of runs that end, stop, crash and go on."""

import math
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from keisei_core.run.metrics import group_of
from keisei_plugins_tensorboard.event_file import records
from keisei_plugins_tensorboard.options import TensorBoardOptions
from keisei_plugins_tensorboard.tracker import TensorBoardTracker


def tracker(run: Path, **options: object) -> TensorBoardTracker:
    run.mkdir(exist_ok=True)
    return TensorBoardTracker(run, TensorBoardOptions(**options))  # type: ignore[arg-type]


def play(run: Path, last_update: int, until: int, *, kl: float = 0.0) -> TensorBoardTracker:
    """Logs the updates after `last_update`, as a run does; does not close."""
    one = tracker(run)
    one.start(last_update)
    for update in range(last_update + 1, until + 1):
        one.log(update, {"kl": update + kl})
    return one


def curve(folder: Path, tag: str = "learning/kl") -> list[tuple[int, float]]:
    """Reads a curve without TensorBoard's own repair of doubled steps."""
    accumulator = EventAccumulator(str(folder), purge_orphaned_data=False).Reload()
    return [(event.step, event.value) for event in accumulator.Scalars(tag)]


def test_curve_has_a_point_for_each_update(tmp_path: Path) -> None:
    play(tmp_path, 0, 3).close()

    assert curve(tmp_path / "tensorboard") == [(1, 1.0), (2, 2.0), (3, 3.0)]


def test_points_are_on_disk_before_the_run_closes(tmp_path: Path) -> None:
    one = play(tmp_path, 0, 3)

    assert len(curve(tmp_path / "tensorboard")) == 3
    one.close()


def test_resumed_run_continues_its_curve_without_doubled_steps(tmp_path: Path) -> None:
    killed = play(tmp_path, 0, 5)
    play(tmp_path, 3, 6, kl=0.5).close()
    play(tmp_path, 4, 5, kl=0.25).close()
    killed.close()

    assert curve(tmp_path / "tensorboard") == [(1, 1.0), (2, 2.0), (3, 3.0), (4, 4.5), (5, 5.25)]


def test_half_written_record_is_dropped_and_the_curve_goes_on(tmp_path: Path) -> None:
    play(tmp_path, 0, 3).close()
    (file,) = (tmp_path / "tensorboard").iterdir()
    file.write_bytes(file.read_bytes()[:-5])

    play(tmp_path, 3, 4).close()

    assert [step for step, _ in curve(tmp_path / "tensorboard")] == [1, 2, 4]


def test_damaged_record_ends_what_is_kept_of_its_file(tmp_path: Path) -> None:
    play(tmp_path, 0, 3).close()
    (file,) = (tmp_path / "tensorboard").iterdir()
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF

    whole = len(list(records(file.read_bytes())))
    assert 0 < len(list(records(bytes(data)))) < whole


def test_run_that_begins_anew_leaves_no_old_points(tmp_path: Path) -> None:
    play(tmp_path, 0, 5).close()
    play(tmp_path, 0, 2, kl=0.5).close()

    assert curve(tmp_path / "tensorboard") == [(1, 1.5), (2, 2.5)]


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "tensorboard"
    folder.mkdir()
    (folder / "events.out.tfevents.1.host").write_bytes(b"theirs")

    play(tmp_path, 0, 1).close()

    assert (folder / "events.out.tfevents.1.host").read_bytes() == b"theirs"


def test_config_is_shown_as_text_once(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[run]\nseed = 3\n")
    play(tmp_path, 0, 2).close()
    play(tmp_path, 2, 3).close()

    accumulator = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    (event,) = accumulator.Tensors("config")
    assert event.tensor_proto.string_val[0] == b"    [run]\n    seed = 3\n"


def test_only_wanted_metrics_are_written(tmp_path: Path) -> None:
    one = tracker(tmp_path, metrics=("score*", "kl"))
    one.start(0)
    one.log(1, {"kl": 0.1, "entropy": 2.0, "score_low": 0.4})
    one.close()

    accumulator = EventAccumulator(str(tmp_path / "tensorboard")).Reload()
    assert sorted(accumulator.Tags()["scalars"]) == ["learning/kl", "match/score_low"]


def test_nan_is_written_as_nan(tmp_path: Path) -> None:
    one = tracker(tmp_path)
    one.start(0)
    one.log(1, {"kl": math.nan})
    one.close()

    assert math.isnan(curve(tmp_path / "tensorboard")[0][1])


def test_absolute_folder_gets_a_folder_for_each_run(tmp_path: Path) -> None:
    for run in ("a", "b"):
        one = tracker(tmp_path / run, folder=str(tmp_path / "all"))
        one.start(0)
        one.log(1, {"kl": 1.0})
        one.close()

    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("kl", "learning"),
        ("plies_per_s", "speed"),
        ("score", "match"),
        ("games", "games"),
        ("learning_rate", "learning"),
    ],
)
def test_metrics_stand_under_headings(name: str, group: str) -> None:
    assert group_of(name) == group


def test_log_before_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="log must come after start"):
        tracker(tmp_path).log(1, {})
