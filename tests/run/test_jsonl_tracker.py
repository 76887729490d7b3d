"""metrics.jsonl: one line an update, nothing doubled after a resume."""

import json

from keisei_core.run import JsonlTracker


def test_lines_are_appended_and_nan_becomes_null(tmp_path):
    tracker = JsonlTracker(tmp_path)
    tracker.start(0)

    tracker.log(1, {"kl": 0.5, "gradient_norm": float("nan")})

    assert json.loads(tracker.path.read_text()) == {"update": 1, "kl": 0.5, "gradient_norm": None}


def test_resume_drops_what_is_no_line_of_an_update(tmp_path):
    path = JsonlTracker(tmp_path).path
    path.write_bytes(b'{"update": 1}\n7\n[]\n{"kl": 0.1}\n{"update": "2"}\n\xff\xfe\n{"update": 2}\n')

    JsonlTracker(tmp_path).start(last_update=2)

    assert path.read_text() == '{"update": 1}\n{"update": 2}\n'


def test_resume_drops_later_updates_and_a_half_written_line(tmp_path):
    tracker = JsonlTracker(tmp_path)
    for update in (1, 2, 3):
        tracker.log(update, {"kl": 0.1})
    with tracker.path.open("a") as file:
        file.write('{"update": 4, "k')

    JsonlTracker(tmp_path).start(last_update=2)
    JsonlTracker(tmp_path).log(3, {"kl": 0.2})

    assert [json.loads(line)["update"] for line in tracker.path.read_text().splitlines()] == [1, 2, 3]
