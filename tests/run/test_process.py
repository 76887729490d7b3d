"""The command as a user meets it: real folders, and real processes where it is a process that is seen."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

TINY_CONFIG = """
[run]
plies = {plies}
threads = 1
device = "cpu"

[selfplay]
games = 8
rollout_plies = 8
max_plies = 40

[learning]
minibatch = 32

[model]
tower_depth = 1
tower_width = 8

[evaluation]
every_updates = 4
games = 2
final_games = 10
max_plies = 60

[checkpoint]
every_updates = 2
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config for a run of 8 updates, in the working folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tiny.toml"
    path.write_text(TINY_CONFIG.format(plies=8 * 64))
    return path


def process(*words: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs the command to its end in a process of its own."""
    command = [sys.executable, "-m", "keisei_core", *map(str, words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


def metrics(run: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


def test_run_ends_with_a_score_and_a_folder_that_explains_itself(config, tmp_path):
    done = process("run", config, "--run-dir", "r", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    score, *report = done.stdout.splitlines()
    assert re.fullmatch(
        r"score \d\.\d\d \[\d\.\d\d, \d\.\d\d\] over 10 games \(W \d+ D \d+ L \d+, \d+ cut off\) against random",
        score,
    )
    assert report in ([], ["report: r/report.html"])
    run = tmp_path / "r"
    header = done.stderr[done.stderr.index("planes  ") : done.stderr.index("update 1/")].splitlines()
    header = header[: 1 + next(index for index, line in enumerate(header) if line.startswith("more  "))]
    assert len(header) <= 10
    everything = (run / "announcement.txt").read_text()
    assert everything.splitlines()[: len(header) - 2] == header[:-2]
    for told in ("own_pawn", "Total params", "precision", "distribution", "learning_rate", "keisei-plugins-resnet"):
        assert told in everything
    assert [line["update"] for line in metrics(run)] == list(range(1, 9))
    assert "score" in metrics(run)[3]
    assert {path.name for path in run.iterdir()} >= {"config.toml", "environment.json", "checkpoints", "result.json"}
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == [
        "update-000004",
        "update-000006",
        "update-000008",
    ]
    game = json.loads((run / "games.jsonl").read_text().splitlines()[0])
    assert game.keys() >= {"sfen", "moves", "ending", "winner"}


def test_resolved_config_runs_again_to_the_same_result(keisei, config, tmp_path):
    keisei("run", config, "--run-dir", "first")

    code, _, said = keisei("run", tmp_path / "first" / "config.toml", "--run-dir", "second")

    assert code == 0, said
    clocks = {"elapsed_s", "core_s", "plies_per_s", "games_per_s", "act_s", "environment_s", "learn_s"}
    first, second = (
        [{name: value for name, value in line.items() if name not in clocks} for line in metrics(tmp_path / name)]
        for name in ("first", "second")
    )
    assert first == second
    assert (tmp_path / "first" / "config.toml").read_text() == (tmp_path / "second" / "config.toml").read_text()


def test_runs_without_a_name_get_dated_folders_of_their_own(config, tmp_path):
    both = [start("run", config, "--set", "run.plies=64", cwd=tmp_path) for _ in range(2)]
    for running in both:
        assert running.wait(timeout=300) == 0

    assert len(list((tmp_path / "runs").iterdir())) == 2


def start(*words: object, cwd: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "keisei_core", *map(str, words)]
    return subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_resume_of_what_is_no_run_is_refused(tmp_path):
    refused = process("resume", tmp_path, cwd=tmp_path)

    assert refused.returncode == 2
    assert "expected a run folder with config.toml in it" in refused.stderr


def test_verbose_run_says_all_that_it_writes_down_and_its_json_is_one_object(keisei, config, tmp_path):
    _, out, err = keisei("run", config, "--run-dir", "r", "--verbose", "--json", "--set", "run.plies=64")

    assert (tmp_path / "r" / "announcement.txt").read_text() in err
    told = json.loads(out)
    assert told["result"] == json.loads((tmp_path / "r" / "result.json").read_text())
    assert (told["state"], told["run"], told["update"], told["resume"]) == ("complete", "r", 1, None)


def test_check_as_json_tells_what_would_run(keisei, config):
    told = json.loads(keisei("check", config, "--json")[1])

    assert (told["updates"], told["plies_per_update"], told["settings"]["run"]["plies"]) == (8, 64, 512)
    assert told["planes"][0] == "own_pawn"
    assert "resnet" in [row["name"] for row in told["plugins"] if row["kind"] == "model"]


def test_check_makes_one_tiny_update_and_leaves_nothing_behind(keisei, config, tmp_path):
    code, out, err = keisei("check", config)

    assert code == 0, err
    assert re.match(r"ok: one update of \d+ plies took .* the run would make 8 updates of 64 plies", out)
    assert os.listdir(tmp_path) == ["tiny.toml"]


def test_run_whose_log_nobody_reads_any_more_goes_on_to_the_end(config, tmp_path):
    command = [sys.executable, "-m", "keisei_core", "run", str(config), "--run-dir", "r"]
    running = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    running.stderr.readline()
    running.stderr.close()

    said, _ = running.stdout.read(), running.stdout.close()

    assert running.wait(timeout=300) == 0
    assert said.startswith("score ")


def test_minutes_count_matches_too_and_end_the_run(keisei, config, tmp_path):
    code, _, said = keisei(
        "run", config, "--run-dir", "r", "--set", "run.plies=100000000", "--set", "run.minutes=0.05",
        "--set", "evaluation.every_updates=1",
    )  # fmt: skip

    assert code == 0, said
    told = float(re.search(r"training complete after (\d+) s", said).group(1))
    assert 3 <= told <= 10
    assert metrics(tmp_path / "r")[-1]["elapsed_s"] == pytest.approx(told, abs=1)


def test_malformed_start_is_refused_before_torch_is_loaded(tmp_path):
    (tmp_path / "bad.toml").write_text('[selfplay]\nstarts = ["lnsg/9 b - 1"]\n')

    done = process("run", "bad.toml", cwd=tmp_path)

    assert done.returncode == 2
    assert "[selfplay] starts: expected 9 ranks" in done.stderr
    assert not (tmp_path / "runs").exists()
