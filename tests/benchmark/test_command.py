"""`keisei benchmark` as a user calls it."""

import json
import subprocess
import sys

import pytest

CONFIG = """
[run]
device = "cpu"
threads = 1
[selfplay]
games = 8
rollout_plies = 4
max_plies = 40
[learning]
minibatch = 16
[model]
tower_depth = 1
tower_width = 8
"""
QUICK = ("--rounds", "1", "--games", "4", "--tactics-games", "2", "--max-plies", "60", "--opponent", "alphabeta")


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(CONFIG)
    return str(path)


def test_benchmark_of_a_config_names_speed_memory_strength_and_place(keisei, config):
    code, out, err = keisei("benchmark", config, *QUICK, "--json")

    assert code == 0, err
    (found,) = json.loads(out)
    assert found["speed"]["plies"] > 0
    assert found["peak_memory"]["of"] == "process"
    assert found["peak_memory"]["bytes"] > 50 * 2**20
    assert (found["strength"]["opponent"], found["strength"]["games"]) == ("alphabeta", 4)
    assert found["strength"]["elo_low"] is None or found["strength"]["elo_low"] < found["strength"]["elo_high"]
    assert found["tactics"]["moves"] > 0
    assert 0 <= found["tactics"]["hanging_rate"] <= 1
    assert found["machine"]["processor"]
    assert {"keisei", "commit", "torch", "plugins"} <= set(found["versions"])
    assert found["config"]["model"]["tower_width"] == 8


def test_strength_may_be_left_out_and_keys_set(keisei, config):
    _, out, _ = keisei("benchmark", config, "--rounds", "1", "--games", "0", "--set", "model.tower_width=16", "--json")

    (found,) = json.loads(out)
    assert found["strength"] is None
    assert found["config"]["model"]["tower_width"] == 16


def test_table_has_a_row_for_every_figure(keisei, config):
    _, out, _ = keisei("benchmark", config, *QUICK)

    for label in (
        "games/s", "plies/s", "act: network evaluations/s", "environment: plies/s", "update: network evaluations/s",
        "self-play's share of the bare network", "update's share of the bare network", "peak memory",
        "Elo against alphabeta", "mates in one played", "moves that leave 5 or more hanging",
    ):  # fmt: skip
        assert any(line.startswith(label) for line in out.splitlines()), label
    assert "torch" in out.splitlines()[-1]


def test_several_subjects_stand_side_by_side(config, tmp_path):
    """In processes of their own, as their peaks of memory need it; an exported network among them."""
    command = [sys.executable, "-m", "keisei_core", "benchmark", config, config, "--rounds", "1", "--games", "0"]

    done = subprocess.run([*command, "--markdown"], capture_output=True, text=True, timeout=300, check=True)

    lines = done.stdout.splitlines()
    assert lines[0] == f"|  | {config} | {config} |"
    assert lines[1] == "| --- | ---: | ---: |"
    assert sum(line.startswith("- ") for line in lines) >= 2


def test_subject_that_fails_ends_the_benchmark_with_its_exit_code(config):
    command = [sys.executable, "-m", "keisei_core", "benchmark", "./nowhere", config, "--rounds", "1", "--games", "0"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 4
    assert "nothing there" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("missing.toml",), 2, "missing.toml: no such file"),
        ((), 2, "Missing argument"),
        (("./nowhere",), 4, "nothing there"),
    ],
)
def test_wrong_call_says_what_is_wrong(keisei, arguments, code, complaint):
    found, _, err = keisei("benchmark", *arguments)

    assert found == code
    assert complaint in err


def test_wrong_opponent_is_told_before_anything_is_measured(keisei, config):
    code, _, err = keisei("benchmark", config, "--opponent", "alphabet")

    assert code == 2
    assert "did you mean 'alphabeta'?" in err
    assert "measuring" not in err
