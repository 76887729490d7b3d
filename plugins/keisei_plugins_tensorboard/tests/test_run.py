"""The tracker in a real run that is taken up again from an older checkpoint."""

import shutil
import subprocess
import sys
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

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


def keisei(folder: Path, *words: str) -> None:
    command = [sys.executable, "-m", "keisei_core", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "failed and takes no further part" not in done.stderr


def steps(folder: Path, tag: str) -> list[int]:
    accumulator = EventAccumulator(str(folder), purge_orphaned_data=False).Reload()
    return [event.step for event in accumulator.Scalars(tag)]


def test_run_taken_up_from_an_older_checkpoint_has_every_step_once(tmp_path: Path) -> None:
    (tmp_path / "keisei.toml").write_text(CONFIG)
    keisei(tmp_path, "run", "--run-dir", "run")
    for update in (6, 8):
        shutil.rmtree(tmp_path / "run" / "checkpoints" / f"update-{update:06d}")

    keisei(tmp_path, "resume", "run")

    assert steps(tmp_path / "run" / "tensorboard", "learning/kl") == [1, 2, 3, 4, 5, 6, 7, 8]
    assert steps(tmp_path / "run" / "tensorboard", "match/score") == [4, 8]
    assert len((tmp_path / "run" / "metrics.jsonl").read_text().splitlines()) == 8
