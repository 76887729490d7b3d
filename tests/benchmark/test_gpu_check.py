"""The check of a GPU, on a CPU at tiny sizes: every stage runs, times are kept, goals are judged by what was found."""

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
import torch

from keisei_core.cli import main
from keisei_core.plugins import read_settings

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT / "benchmarks"))
import gpu_check  # noqa: E402
import gpu_stages  # noqa: E402

SPEED = {"plies": 160_000.0, "selfplay_plies": 4e5, "update_plies": 3e5, "selfplay_share": 0.9, "update_share": 0.8}
CELL = {"speed": SPEED, "busy": 0.83, "memory": {"selfplay": 2**30, "update": 3 * 2**30}}


@pytest.fixture(scope="module")
def found():
    """What every stage finds at tiny size."""
    with mock.patch.dict(os.environ):
        return {name: gpu_check.stage(name, 30.0, is_tiny=True) for name in gpu_check.STAGES}


def test_every_stage_runs_at_tiny_size(found):
    assert found["resume"] == {"is_equal": True, "is_equal_with_deterministic_kernels": True}
    assert found["ddp"]["carrier"] == "gloo"
    assert found["demo"]["result"]["games"] == 2
    for network in gpu_stages.NETWORKS:
        assert found[network]["speed"]["plies"] > 0
        assert found[network]["busy"] is None
        assert found[network]["memory"] is None
    assert json.loads(json.dumps(found)) == found


def test_table_of_a_cpu_says_what_was_not_measured(found):
    text = gpu_check.table(found)

    assert "not measured  4x64: GPU busy at least 0.8: not measured" in text
    assert "resume: equal True, with deterministic kernels True" in text
    assert "FAIL          --ddp with one process over nccl: gloo" in text


def test_goals_are_judged_by_what_was_found():
    networks = dict.fromkeys(gpu_stages.NETWORKS, CELL)
    ended = {"result": {"low": 0.96, "score": 0.99, "games": 200}, "plies": 1e5, "elapsed_s": 60.0}
    found = {**networks, "resume": {"is_equal": False}, "ddp": {"carrier": "cpu:gloo,cuda:nccl"}, "demo": ended}

    judged = {text: met for text, _, met in gpu_check.goals(found)}

    assert judged["4x64: at least 150,000 plies/s in all"] is True
    assert judged["20x256: GPU busy at least 0.8"] is True
    assert judged["10x128: update at least 0.85 of the bare network"] is False
    assert judged["a stored run goes on bit for bit"] is False
    assert judged["--ddp with one process over nccl"] is True
    assert len(judged) == 14


@pytest.fixture
def slow_stage(tmp_path, monkeypatch):
    """Stages whose processes sleep: half a minute as `4x64`, not at all as others."""
    program = tmp_path / "stage.py"
    program.write_text("import sys, time\ntime.sleep(30 * (sys.argv[2] == '4x64'))\nprint('{}')\n")
    monkeypatch.setattr(gpu_check, "__file__", str(program))
    monkeypatch.setattr(gpu_check, "START_S", 0.0)


def test_stage_that_takes_too_long_is_ended_and_told(slow_stage):
    assert gpu_check.in_a_process("4x64", 0.1) == {"error": "not done within 0 s"}
    assert gpu_check.in_a_process("resume", 60.0) == {}


def test_no_stage_begins_after_the_time(slow_stage, monkeypatch):
    monkeypatch.setattr(gpu_check, "STAGES", {"4x64": 60.0, "demo": 60.0})

    found = gpu_check.measure(limit_s=0.1)

    assert found == {"4x64": {"error": "not done within 0 s"}, "demo": {"error": "no time left of 0 s"}}


def test_without_a_gpu_nothing_is_measured_or_written(tmp_path, capsys):
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    out = tmp_path / "gpu.json"

    assert gpu_check.main(["--out", str(out)]) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert "there is no GPU here" in told.err
    assert f"Nothing was measured, and {out} is as it was" in told.err
    assert not out.exists()


def test_busy_shares_are_what_the_driver_says(tmp_path, monkeypatch):
    driver = tmp_path / "nvidia-smi"
    driver.write_text(
        '#!/bin/sh\nfor word; do test "$word" = --id=GPU-8c1d && echo 90; done\necho "[N/A]"\necho 70\nexec sleep 60\n'
    )
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda _: SimpleNamespace(uuid="8c1d"))

    with gpu_stages.busy_shares(torch.device("cuda", 0)) as shares:
        while len(shares) < 2:
            pass

    assert shares == [0.9, 0.7]
    assert gpu_stages.mean(shares) == pytest.approx(0.8)
    assert gpu_stages.mean([]) is None


def test_recipe_is_for_a_gpu_and_says_so_without_one(capsys):
    settings = read_settings(gpu_stages.RECIPE)
    assert (settings.selfplay.games, settings.learning.minibatch, settings.precision.name) == (4096, 4096, "bf16")
    assert settings.run.device == "cuda"
    if torch.cuda.is_available():
        pytest.skip("there is a GPU")

    assert main(["check", str(gpu_stages.RECIPE)]) == 2
    assert "torch sees no CUDA device; write cpu or auto" in capsys.readouterr().err
