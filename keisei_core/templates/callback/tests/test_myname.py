"""What this callback writes."""

from pathlib import Path

import torch
from keisei_core.run import CallbackContext

from keisei_plugins_myname.callback import MynameCallback
from keisei_plugins_myname.options import MynameOptions


def test_checkpoints_are_noted_and_the_score_at_the_end(tmp_path: Path) -> None:
    context = CallbackContext(run_folder=tmp_path, seed=0, device=torch.device("cpu"))
    callback = MynameCallback(context, MynameOptions())
    callback.after_checkpoint(tmp_path / "checkpoints" / "update-000002")
    callback.at_end({"score": 0.75})

    assert (tmp_path / "checkpoints.txt").read_text().splitlines() == ["update-000002", "score 0.750"]
