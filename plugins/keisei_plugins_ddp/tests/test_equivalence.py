"""Two real processes against one that has all the games; all in one start of them, since that takes the time."""

import json
from pathlib import Path

PARTS = Path(__file__).parent / "parts"


def test_two_processes_learn_as_one_and_decide_as_one(group, free_port):
    members = [group.member(rank, 2, "127.0.0.1", free_port, PARTS / "equivalence.py") for rank in (0, 1)]
    (said, complaints), (_, other_complaints) = [member.communicate(timeout=240) for member in members]
    assert [member.returncode for member in members] == [0, 0], complaints + other_complaints
    found = json.loads(said)

    # Half of the games each, the same gradients as one process with all of them.
    assert found["gradient_size"] > 1e-3
    assert found["gradient_difference"] < 1e-6
    # The same network everywhere, before and after each of 20 updates, learned from games of its own on every rank.
    assert found["equal_before_updates"]
    assert found["equal_after_updates"] == [True] * 20
    assert found["games_differ"]
    assert found["moved"]
    # The pairs of a match are dealt out, and are the games that one process plays alone.
    assert [sorted(part) for part in found["pairs_played"]] == [["0", "2", "4"], ["1", "3", "5"]]
    assert found["pairs_played"][0] | found["pairs_played"][1] == found["pairs_of_one"]
    assert found["equal_scores"]
    assert found["score_is_that_of_one"]
    # What would make a process leave the loop alone is decided on reduced values.
    assert found["steps_under_kl"] == 1
    assert found["equal_after_kl"]
    # A process that finds no mates beside its games has fewer rows in a minibatch, and takes as many steps.
    assert found["rows_taught_apart"] == [20, 16]
    assert found["steps_taught_apart"] == [4, 4]
    assert found["equal_after_taught_apart"]
    assert found["skipped"][0] == found["skipped"][1] > 0
    assert found["poison_changed_nothing"]
    assert found["stop_of_one"] is True
    assert found["stop_of_none"] is False
    assert found["equal_statistics"]
    # Bytes of any length.
    assert found["gathered"] == [3, 4]
    assert found["broadcast"] == "from 0"
    assert found["empty"] == ["", "", ""]


def test_parameters_without_gradient_learn_in_two_processes_as_in_one(group, free_port):
    members = [group.member(rank, 2, "127.0.0.1", free_port, PARTS / "without_gradient.py") for rank in (0, 1)]
    (said, complaints), (_, other_complaints) = [member.communicate(timeout=240) for member in members]
    assert [member.returncode for member in members] == [0, 0], complaints + other_complaints
    found = json.loads(said)

    # A layer that nothing uses, outputs that no loss asks for, a layer that is used in some minibatches only.
    assert [case["without"] for case in found["cases"]] == [
        ["next", "sometimes", "unused", "value"],
        ["sometimes", "unused"],
        ["unused"],
        ["next", "sometimes", "unused", "value"],
    ]
    assert all(case["same_without"] for case in found["cases"])
    assert max(case["difference"] for case in found["cases"]) < 1e-6
    # One that a single process used: all have its gradient.
    assert found["equal_apart"]
    assert found["used_elsewhere_gets_a_gradient"]
    assert "find_unused_parameters" not in complaints
