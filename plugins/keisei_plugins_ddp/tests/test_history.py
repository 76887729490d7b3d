"""Planes of earlier positions in two real processes, each with games of its own."""

import json


def test_two_processes_learn_from_the_past_that_they_saw(group, config, tmp_path):
    features = '\n[input]\nfeatures = "core46+history"\n\n[input.history]\nearlier = 2\n'
    process = group.keisei("run", config(4, features), "--run-dir", "run", cwd=tmp_path)

    _, said = process.communicate(timeout=200)

    assert process.returncode == 0, said
    metrics = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert all(update["first_ratio_error"] < 1e-6 for update in metrics)
