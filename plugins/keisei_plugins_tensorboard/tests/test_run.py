"""The tracker in a real run that is taken up again from an older checkpoint."""

import shutil
from pathlib import Path

import pytest
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from keisei_core.cli import main

CONFIG = """
run = { plies = 256, threads = 1, device = "cpu" }
selfplay = { games = 8, rollout_plies = 4, max_plies = 40 }
learning = { minibatch = 16 }
algorithm = { epochs = 1 }
model = { name = "baseline", channels = 1 }
evaluation = { every_updates = 4, games = 2, final_games = 2, max_plies = 40 }
checkpoint = { every_updates = 2, keep = 8 }
tracking = { trackers = ["jsonl", "tensorboard"], tensorboard = { metrics = ["kl", "score"] } }
"""


def steps(folder: Path, tag: str) -> list[int]:
    accumulator = EventAccumulator(str(folder), purge_orphaned_data=False).Reload()
    return [event.step for event in accumulator.Scalars(tag)]


def test_run_taken_up_from_an_older_checkpoint_has_every_step_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "keisei.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    assert main(["run", "--run-dir", "run"]) == 0
    for update in (6, 8):
        shutil.rmtree(tmp_path / "run" / "checkpoints" / f"update-{update:06d}")

    assert main(["resume", "run"]) == 0

    assert "failed and takes no further part" not in capsys.readouterr().err
    assert steps(tmp_path / "run" / "tensorboard", "learning/kl") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert steps(tmp_path / "run" / "tensorboard", "match/score") == [4, 8]
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 8
