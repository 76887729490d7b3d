"""Commands as real processes, and one Ray cluster of two simulated machines for all long proofs."""

import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from keisei_core.testing.processes import Processes, end_session, workers_in
from keisei_core.testing.tiny_run import PATIENCE_S, tiny_config, updates_in, wait_until

HERE = Path(__file__).parent
PARTS = HERE / "parts"
HAS_RAY = find_spec("ray") is not None
LONG = os.environ.get("KEISEI_DISTRIBUTED") == "1" and HAS_RAY
WITHOUT = "Ray is not installed; run by make distributed, which installs it"
SHORT = "a long proof on real processes; run by make distributed"
ANSWER_S = 2 * PATIENCE_S
"""Within which the cluster says what it was asked for, on a machine that is very busy too."""
QUIET = {
    "OMP_NUM_THREADS": "1",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}

RAY = """
[distribution]
name = "ray"
processes = 2
strategy = "STRICT_SPREAD"
"""

collect_ignore_glob = [] if find_spec("keisei_plugins_ray") else ["test_*.py"]
"""`pip install -r requirements.txt` leaves the plugin out, and its tests with it."""


def pytest_configure(config):
    config.addinivalue_line("markers", "distributed: a long proof on a Ray cluster, run by make distributed")


def pytest_collection_modifyitems(items):
    for item in items:  # of the whole session, other plugins' too
        if item.path.is_relative_to(HERE) and item.get_closest_marker("distributed") and not LONG:
            item.add_marker(pytest.mark.skip(reason=SHORT if HAS_RAY else WITHOUT))


class Machines:
    """The simulated cluster, in a process of its own."""

    def __init__(self, folder):
        command = [sys.executable, PARTS / "machines.py"]
        environment = {**os.environ, **QUIET, "RAY_TMPDIR": folder}
        self.process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        try:
            self.address = self.told()
        except BaseException:
            end_session(self.process)
            raise
        self.variables = {**QUIET, "RAY_ADDRESS": self.address}

    def ask(self, what):
        """Asks for `add`, `kill` or `behead`; returns how many machines there are then."""
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return int(self.told())

    def told(self):
        """Returns the next line that it says; its messages are above where it says none."""
        assert select.select([self.process.stdout], [], [], ANSWER_S)[0], "the cluster does not answer"
        line = self.process.stdout.readline().strip()
        assert line, "the cluster is gone"
        return line

    def close(self):
        with suppress(subprocess.TimeoutExpired):
            self.process.communicate(timeout=120)
        end_session(self.process)


class Shared:
    """The cluster of all tests, which leave it as they found it; started by the first that asks for it."""

    def __init__(self):
        self.stack, self.machines = ExitStack(), None

    def get(self):
        if self.machines is None:
            folder = tempfile.TemporaryDirectory(prefix="keisei-ray-", dir="/tmp", ignore_cleanup_errors=True)
            self.machines = Machines(self.stack.enter_context(folder))
            self.stack.callback(self.machines.close)
        return self.machines

    def end(self):
        self.stack.close()
        self.machines = None


@pytest.fixture(scope="session")
def shared():
    shared = Shared()
    yield shared
    shared.end()


@pytest.fixture
def cluster(shared):
    """Two machines with a CPU each, the second with a GPU."""
    return shared.get()


@pytest.fixture
def doomed_cluster(shared):
    """The same, for a test that ends it."""
    yield shared.get()
    shared.end()


@pytest.fixture
def free_machine(cluster):
    """Puts a machine back after a test that took one away."""
    yield cluster
    cluster.ask("kill")
    assert cluster.ask("add") == 2


@pytest.fixture
def config(tmp_path):
    """Writes a config for a run of so many updates on two machines."""

    def write(updates):
        path = tmp_path / "tiny.toml"
        path.write_text(tiny_config(updates, RAY))
        return path

    return write


@pytest.fixture
def processes():
    """Starts commands, none of which outlives its test."""
    processes = Processes(without=("RAY_",))
    yield processes
    processes.close()


@pytest.fixture
def keisei(processes, tmp_path):
    """Starts Keisei's command, on a cluster where one is given."""
    return lambda *words, at=None, **more: processes.keisei(*words, cwd=tmp_path, **variables(at), **more)


@pytest.fixture
def light(processes, tmp_path):
    """Starts workers that do next to nothing, and returns once all are there."""

    def start(num_workers=2, *, at, **options):
        options = {"processes": num_workers, "strategy": "STRICT_SPREAD", "place_timeout_s": 600} | options
        words = ("-m", "light", "wait", tmp_path, json.dumps(options))
        process = processes.start(*words, cwd=tmp_path, PYTHONPATH=PARTS, **variables(at))
        wait_until(lambda: len(list(tmp_path.glob("ready-0-*"))) == num_workers or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        return process

    return start


def variables(cluster):
    return {} if cluster is None else cluster.variables


@pytest.fixture
def running(keisei, config, cluster, tmp_path):
    """Starts a run of many updates on the cluster and returns it once it has made some."""

    def start(*words, updates=1_000_000, at_least=3):
        process = keisei("run", config(updates), "--run-dir", "r", *words, at=cluster)
        wait_until(lambda: updates_in(tmp_path / "r") >= at_least or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        return process

    return start


@pytest.fixture
def hangups():
    """Notes hang-ups, which would end this process; under `nohup` too what it starts meanwhile hears of its own."""
    heard = []
    before = signal.signal(signal.SIGHUP, lambda number, _: heard.append(number))
    yield heard
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def workers(tmp_path):
    """Finds the workers of this test, as {rank: pid}; the actor is a worker's parent."""
    return lambda: workers_in(tmp_path)


@pytest.fixture
def end():
    """Ends a command by signals and returns its exit code and what it said."""

    def signalled(process, *numbers, pause_s=1.0):
        for count, number in enumerate(numbers):
            if count:
                time.sleep(pause_s)
                assert process.poll() is None
            process.send_signal(number)
        _, said = process.communicate(timeout=PATIENCE_S)
        return process.returncode, said

    return signalled
