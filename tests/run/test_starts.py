"""A run whose starts are drawn: it goes on bit for bit, and a start that fails is told by package and version."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from keisei_core.checkpoint import Checkpoint, read_checkpoint, write_checkpoint
from keisei_core.distribution import Single
from keisei_core.plugins import Settings
from keisei_core.run import Training

ALONE = Single(torch.device("cpu"))
Tiny = Callable[..., Settings]
Command = Callable[..., tuple[int, str, str]]
CONFIG = """
run = { plies = 64, threads = 1, device = "cpu" }
model = { name = "baseline" }
selfplay = { games = 8, rollout_plies = 4, max_plies = 40, starts = ["startpos", "toy"] }
learning = { minibatch = 16 }
evaluation = { every_updates = 0, final_games = 2, max_plies = 20 }
"""
HOOKS = """
from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_starts():
    return [Component(name="toy", target="{module}.thing:Thing", summary="a toy")]
"""
THING = """
from keisei_core.shogi import parse_sfen


class Thing:
    draws = 0

    def __init__(self, context):
        pass

    def draw(self, num_positions, random):
        self.draws += 1
        if self.draws > 1:
            {failure}
        return parse_sfen("startpos")[[0] * num_positions]
"""


@pytest.fixture
def mixed(tiny: Tiny, tmp_path: Path) -> Settings:
    """Settings of a run with starts of every kind, some of them deeper."""
    (tmp_path / "book.txt").write_text("startpos moves 7g7f 3c3d\nstartpos moves 2g2f 8c8d 2f2e\n")
    starts = ["startpos", "bishop", "shuffled:symmetric=false,plies=5", f"book:path={tmp_path / 'book.txt'}"]
    return tiny(selfplay__starts=starts, selfplay__midgame_share=0.25, selfplay__midgame_plies=10)


def content(checkpoint: Checkpoint) -> dict[str, Any]:
    """Everything that a checkpoint holds but the clock, as bytes and plain data."""
    own = checkpoint.ranks[0]
    parts: dict[str, Any] = {name: tensor.numpy().tobytes() for name, tensor in checkpoint.weights.items()}
    parts |= {f"optimizer/{name}": tensor.numpy().tobytes() for name, tensor in checkpoint.optimizer.items()}
    parts |= {f"own/{name}": array.tobytes() for name, array in own.arrays.items()}
    return parts | own.state


def test_run_with_drawn_starts_goes_on_bit_for_bit(mixed: Settings, tmp_path: Path) -> None:
    whole = Training(mixed, ALONE)
    for _ in range(3):
        whole.update()
    checkpoint = whole.checkpoint()
    assert checkpoint is not None
    write_checkpoint(tmp_path / "update-000003", checkpoint)
    for _ in range(3):
        whole.update()

    resumed = Training(mixed, ALONE)
    resumed.restore(read_checkpoint(tmp_path / "update-000003"))
    for _ in range(3):
        resumed.update()

    expected, got = whole.checkpoint(), resumed.checkpoint()
    assert expected is not None
    assert got is not None
    assert content(got) == content(expected)
    np.testing.assert_array_equal(
        resumed.source.games.starts.positions.board, whole.source.games.starts.positions.board
    )


def test_stream_of_starts_is_needed_to_go_on(mixed: Settings) -> None:
    whole, resumed = Training(mixed, ALONE), Training(mixed, ALONE)
    whole.update()
    snapshot = whole.snapshot()
    snapshot.ranks[0].state["starts"] = Training(mixed, ALONE).starts.state()[1]
    whole.update()

    resumed.restore(snapshot)
    resumed.update()

    boards = [training.source.games.starts.positions.board for training in (whole, resumed)]
    assert (boards[0] != boards[1]).any()


def test_starts_are_drawn_anew_before_every_update(mixed: Settings) -> None:
    training = Training(mixed, ALONE)
    seen = [training.source.games.starts.positions.board.tobytes()]
    for _ in range(2):
        training.update()
        seen.append(training.source.games.starts.positions.board.tobytes())

    assert len(set(seen)) == 3


def test_run_from_positions_alone_draws_none(tiny: Tiny) -> None:
    training = Training(tiny(selfplay__starts=["startpos", "bishop"]), ALONE)
    before = training.starts.state()

    training.update()

    assert training.starts.is_fixed
    assert training.starts.state() == before
    assert len(training.source.games.starts.positions) == 4


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        ("return None", "start 'toy' of keisei-plugins-toy 1.2.3 must draw"),
        ("return parse_sfen('startpos')", "start 'toy' of keisei-plugins-toy 1.2.3 must draw board"),
        (
            "return parse_sfen('4k4/4G4/4P4/9/9/9/9/9/4K4 w - 2')[[0] * num_positions]",
            "start 'toy' of keisei-plugins-toy 1.2.3 must draw positions .*has no legal move",
        ),
        ("raise RuntimeError('out of ideas')", "raised in plugin keisei-plugins-toy 1.2.3"),
    ],
)
def test_start_that_fails_later_ends_the_run_with_its_owners_name(
    workshop: Any, keisei: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str, told: str
) -> None:
    workshop.plugin(HOOKS, files={"thing": THING.replace("{failure}", failure)})
    (tmp_path / "keisei.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)

    code, _, said = keisei("run", "--run-dir", "run")

    assert code == 3, said
    assert re.search(told, said), said
    assert (tmp_path / "run" / "checkpoints" / "update-000000").is_dir()


def test_start_without_draw_is_refused_before_the_run(
    workshop: Any, keisei: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workshop.plugin(HOOKS, files={"thing": "class Thing:\n    def __init__(self, context): pass\n"})
    (tmp_path / "keisei.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)

    code, _, said = keisei("check")

    assert code == 3, said
    assert "start 'toy' of keisei-plugins-toy 1.2.3 must have a method draw, got Thing" in said
