"""The command with its flags, as a user proves a set-up."""

import json
import re
import shutil

import pytest


def test_check_starts_the_real_processes_and_makes_one_update_in_mixed_precision(group, config, tmp_path):
    process = group.keisei("check", config(8), "--ddp", "--mixed-precision", "--set", "run.lag=1", cwd=tmp_path)

    told, said = process.communicate(timeout=200)

    assert process.returncode == 0, said
    assert re.match(r"ok: one update of 32 plies took .* the run would make 8 updates of 64 plies\n", told)
    assert "(2 processes, each with 4 games and 16 plies of a minibatch, gradients by gloo)" in said
    assert re.search(r"^precision +bf16: ", said, re.MULTILINE)
    assert said.count("planes  ") == 1  # rank 0 alone speaks
    assert [path.name for path in tmp_path.iterdir()] == ["tiny.toml"]


def back_to(run, update):
    """Makes a complete run one that was killed after a checkpoint."""
    (run / "result.json").unlink()
    for later in (run / "checkpoints").glob("update-*"):
        if later.name > f"update-{update:06}":
            shutil.rmtree(later)


@pytest.mark.distributed
def test_two_processes_that_play_ahead_go_on_as_the_same_run_and_one_drops_what_was_played(group, config, tmp_path):
    line = ("run", config(6), "--run-dir", "r", "--or-resume", "--set", "run.lag=2", "--set")
    written, said = [], []
    for processes, killed_at in ((2, 4), (2, 4), (1, None)):
        process = group.keisei(*line, f"distribution.processes={processes}", cwd=tmp_path)
        said.append(process.communicate(timeout=200)[1])
        assert process.returncode == 0, said[-1]
        manifest = json.loads((tmp_path / "r" / "checkpoints" / "update-000006" / "manifest.json").read_text())
        written.append({file: of["sha256"] for file, of in manifest["files"].items() if file != "state.json"})
        if killed_at:
            back_to(tmp_path / "r", killed_at)

    assert written[0] == written[1]
    assert "dropped" not in said[1]
    assert "note: update-000004: 2 x 2 segments that were played ahead are dropped" in said[2]


@pytest.mark.distributed
def test_run_of_one_process_goes_on_with_two_and_then_with_one(group, config, tmp_path):
    line = ("run", config(6), "--run-dir", "r", "--or-resume", "--set")
    said = []
    for processes, killed_at in ((1, 2), (2, 4), (1, None)):
        process = group.keisei(*line, f"distribution.processes={processes}", cwd=tmp_path)
        said.append(process.communicate(timeout=200)[1])
        assert process.returncode == 0, said[-1]
        if killed_at:
            back_to(tmp_path / "r", killed_at)

    assert "note: update-000002: made by 1 process, goes on with 2:" in said[1]
    assert "note: update-000004: made by 2 processes, goes on with 1:" in said[2]
    assert all(text.count("dealt anew") == 1 for text in said[1:])
    lines = [json.loads(line) for line in (tmp_path / "r" / "metrics.jsonl").read_text().splitlines()]
    assert [line["update"] for line in lines] == [1, 2, 3, 4, 5, 6]


IDEA = """
import attrs
from torch import nn

from keisei_core import hookimpl
from keisei_core.config import setting
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)


@hookimpl
def keisei_models():
    return [Component(name="squares", target="idea:Squares", options="idea:Options", summary="squares alone")]


@attrs.frozen(kw_only=True)
class Options:
    width: int = setting(4, "numbers for each square")


class Squares(nn.Module):
    def __init__(self, channels, options):
        super().__init__()
        self.look = nn.Sequential(nn.Conv2d(len(channels), options.width, 1), nn.GELU())
        self.policy, self.value = nn.Conv2d(options.width, 27, 1), nn.Linear(options.width, 1)

    def forward(self, planes):
        seen = self.look(planes)
        return self.policy(seen).flatten(1), self.value(seen.mean(dim=(2, 3))).squeeze(1)
"""


def test_every_process_loads_a_plugin_of_one_file_and_a_resume_finds_it(group, config, tmp_path):
    path = config(2)
    path.write_text(path.read_text().replace('name = "baseline"\nchannels = 2', 'name = "squares"\nwidth = 3'))
    (tmp_path / "idea.py").write_text(IDEA)

    process = group.keisei("run", path, "--plugin", "idea.py", "--run-dir", "r", cwd=tmp_path)
    _, said = process.communicate(timeout=200)
    assert process.returncode == 0, said
    assert "(2 processes" in said
    assert "idea.py" in (tmp_path / "r" / "announcement.txt").read_text(encoding="utf-8")

    (tmp_path / "idea.py").unlink()
    shutil.rmtree(max((tmp_path / "r" / "checkpoints").glob("update-*")))
    process = group.keisei("resume", "r", cwd=tmp_path)
    _, said = process.communicate(timeout=200)

    assert process.returncode == 0, said
    assert "resuming r from update-000000" in said
