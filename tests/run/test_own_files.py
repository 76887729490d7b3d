"""A run made with a file: trained, gone on with, played and changed, as real processes."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from keisei_core.checkpoint import CheckpointStore

IDEA = """
import os

from torch import nn

from keisei_core import hookimpl
from keisei_core.plugins import Component

KEISEI_PLUGIN_API = (2, 0)
SIGN = 1
if "MARK" in os.environ:
    open(os.environ["MARK"], "w").close()


@hookimpl
def keisei_models():
    return [Component(name="squares", target="idea:Squares", summary="squares alone")]


class Squares(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.policy = nn.Conv2d(len(channels), 27, 1)
        self.value = nn.Linear(len(channels), 1)

    def forward(self, planes):
        return SIGN * self.policy(planes).flatten(1), self.value(planes.mean(dim=(2, 3))).squeeze(1)
"""
CONFIG = """
[run]
plies = 256
threads = 1
device = "cpu"

[model]
name = "squares"

[selfplay]
games = 8
rollout_plies = 8
max_plies = 40

[learning]
minibatch = 32

[evaluation]
every_updates = 0
final_games = 2
max_plies = 20

[checkpoint]
every_updates = 2
"""


def keisei(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "keisei_core", *map(str, words)]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run in `r`; the file that it was made with is gone from where it was."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "idea.py").write_text(IDEA)
    (folder / "keisei.toml").write_text(CONFIG)
    done = keisei(folder, "run", "--plugin", "idea.py", "--run-dir", "r")
    assert done.returncode == 0, done.stderr
    (folder / "idea.py").unlink()
    return folder


@pytest.fixture
def work(trained: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return Path(shutil.copytree(trained, tmp_path / "work"))


def test_digest_stands_in_the_description_and_in_every_checkpoint(trained: Path) -> None:
    described = json.loads((trained / "r" / "environment.json").read_text())["plugins"]
    _, checkpoint = CheckpointStore(trained / "r" / "checkpoints", keep=1).newest(print)

    (row,) = [row for row in described if row["distribution"] == "idea.py"]
    assert row["version"] == row["sha256"][:12]
    assert row in checkpoint.state["plugins"]
    assert all("sha256" not in row for row in described if row["distribution"] != "idea.py")
    assert (trained / "r" / "plugins" / "idea.py").read_text() == IDEA


def test_resumed_run_finds_its_file_and_is_the_run(work: Path) -> None:
    newest = max((work / "r" / "checkpoints").glob("update-*"))
    expected = (newest / "weights.safetensors").read_bytes()
    shutil.rmtree(newest)

    done = keisei(work, "resume", "r")

    assert done.returncode == 0, done.stderr
    assert (newest / "weights.safetensors").read_bytes() == expected


def test_changed_copy_is_refused_by_all_that_would_run_it(work: Path) -> None:
    copy = work / "r" / "plugins" / "idea.py"
    copy.write_text(IDEA.replace("SIGN = 1", "SIGN = -1"))

    for words in (["resume", "r"], ["match", "r", "random"], ["export", "r", "e"], ["benchmark", "r", "--games", "0"]):
        done = keisei(work, *words)
        assert (done.returncode, "is not the file that r was made with" in done.stderr) == (4, True), done.stderr


def test_checkpoint_decides_where_the_description_was_changed_too(work: Path) -> None:
    copy, described = work / "r" / "plugins" / "idea.py", work / "r" / "environment.json"
    old = json.loads(described.read_text())["plugins"]
    copy.write_text(IDEA.replace("SIGN = 1", "SIGN = -1"))
    described.write_text(json.dumps({"plugins": [row for row in old if "sha256" not in row]}))

    assert keisei(work, "resume", "r", "--plugin", copy).returncode == 4


def test_run_from_old_weights_takes_the_changed_file_and_a_match_knows_both(work: Path) -> None:
    (work / "idea.py").write_text(IDEA.replace("SIGN = 1", "SIGN = -1"))

    refused = keisei(work, "resume", "r", "--plugin", "idea.py")
    begun = keisei(work, "run", "r/config.toml", "--plugin", "idea.py", "--from", "r", "--run-dir", "s")
    match = keisei(work, "match", "r", "s", "--games", "2", "--max-plies", "20", "--json")

    assert refused.returncode == 4
    assert begun.returncode == 0, begun.stderr
    assert "idea.py changed since the original; so may what its weights compute" in begun.stderr
    assert "SIGN = -1" in (work / "s" / "plugins" / "idea.py").read_text()
    assert "SIGN = 1" in (work / "r" / "plugins" / "idea.py").read_text()
    assert match.returncode == 0, match.stderr


def test_export_takes_the_file_along(work: Path) -> None:
    assert keisei(work, "export", "r", "e").returncode == 0
    shutil.rmtree(work / "r")

    match = keisei(work, "match", "e", "random", "--games", "2", "--max-plies", "20")

    assert match.returncode == 0, match.stderr
    assert {"network.json", "plugins", "weights.safetensors"} < {path.name for path in (work / "e").iterdir()}


def test_file_that_is_gone_is_asked_for_and_may_be_named(work: Path) -> None:
    shutil.move(work / "r" / "plugins" / "idea.py", work / "idea.py")

    gone = keisei(work, "resume", "r")
    named = keisei(work, "resume", "r", "--plugin", "idea.py")

    assert gone.returncode == 3
    assert "a file that is not there any more (SHA-256 " in gone.stderr
    assert "--plugin idea.py" in gone.stderr
    assert named.returncode == 0, named.stderr
    assert (work / "r" / "plugins" / "idea.py").exists()


def test_exception_in_a_file_is_blamed_on_it(work: Path) -> None:
    broken = IDEA.replace("return SIGN *", "return 1 / 0 *")
    (work / "idea.py").write_text(broken)

    done = keisei(work, "check", "--plugin", "idea.py")

    assert done.returncode == 3
    assert "raised in plugin idea.py " in done.stderr
    assert "idea.py:27 in forward" in done.stderr


def test_strangers_run_plays_only_once_its_file_was_named(
    work: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark, copy = tmp_path / "mark", work / "r" / "plugins" / "idea.py"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("MARK", str(mark))
    (work / "other.toml").write_text(CONFIG.replace('"squares"', '"baseline"'))
    match = ["match", "r", "random", "--games", "2", "--max-plies", "20"]

    for words in (match, ["resume", "r"], ["check", "other.toml", "--set", "evaluation.opponent=r"]):
        done = keisei(work, *words)
        assert (done.returncode, mark.exists()) == (3, False), done.stderr
        assert f"read it, then: keisei ... --plugin {copy}" in done.stderr

    assert keisei(work, *match, "--plugin", "r/plugins/idea.py").returncode == 0
    assert mark.exists()
    assert keisei(work, *match).returncode == 0
