"""What Trackio itself reads, in a process without a network; skipped where it is not installed."""

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from keisei_plugins_trackio.options import TrackioOptions
from keisei_plugins_trackio.tracker import TrackioTracker

pytestmark = pytest.mark.skipif(find_spec("trackio") is None, reason="trackio is not installed")

READ = """
import json, socket, sys

def refused(*_, **__):
    raise OSError("no network here")

socket.socket.connect = socket.getaddrinfo = refused
from trackio.sqlite_storage import SQLiteStorage
SQLiteStorage.migrate_all_projects()
(run,) = SQLiteStorage.get_run_records("keisei")
logs = SQLiteStorage.get_logs("keisei", run["name"], run_id=run["id"])
print(json.dumps({"run": run["name"], "config": SQLiteStorage.get_run_config("keisei", run["name"]),
    "logs": [[row["step"], row["learning/kl"]] for row in logs]}))
"""


def read_by_trackio(folder: Path) -> Any:
    environment = {**os.environ, "TRACKIO_DIR": str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", READ], env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_trackio_reads_curves_and_config_and_a_resumed_run_goes_on_in_its_file(tmp_path: Path) -> None:
    run = tmp_path / "mine"
    run.mkdir()
    (run / "config.toml").write_text("[run]\nseed = 3\n")
    one = TrackioTracker(run, TrackioOptions())
    one.start(0)
    one.log(1, {"kl": 0.5})
    one.log(2, {"kl": 9.0})
    told = read_by_trackio(run / "trackio")
    one.start(1)
    one.log(2, {"kl": 0.25})
    one.close()

    assert told["run"] == "mine"
    assert told["config"]["run"] == {"seed": 3}
    assert told["logs"] == [[1, 0.5], [2, 9.0]]
    assert read_by_trackio(run / "trackio")["logs"] == [[1, 0.5], [2, 0.25]]
