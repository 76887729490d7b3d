"""Commands as real processes, and one Ray cluster of two simulated machines for all long proofs."""

import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PARTS = HERE / "parts"
HAS_RAY = find_spec("ray") is not None
LONG = os.environ.get("KEISEI_DISTRIBUTED") == "1" and HAS_RAY
WITHOUT = "Ray is not installed; run by make distributed, which installs it"
SHORT = "a long proof on real processes; run by make distributed"
ANSWER_S = 600
"""Within which the cluster says what it was asked for, on a machine that is very busy too."""
ONE_THREAD = {"OMP_NUM_THREADS": "1"}
QUIET = ONE_THREAD | {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_worker_niceness": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
}

CONFIG = """
[run]
plies = {plies}
threads = 1
device = "cpu"

[model]
name = "baseline"
channels = 2

[distribution]
name = "ray"
processes = 2
strategy = "STRICT_SPREAD"

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
            end_group(self.process)
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
        end_group(self.process)


def end_group(process):
    """Ends a process that began a session, and all that it started there."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)


@contextmanager
def machines():
    """While it is entered, there is a cluster of two machines with a CPU each; gives it."""
    with tempfile.TemporaryDirectory(prefix="keisei-ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        there = Machines(folder)
        try:
            yield there
        finally:
            there.close()


@pytest.fixture(scope="session")
def cluster():
    """One cluster for most tests, which leave it as they found it."""
    with machines() as there:
        yield there


@pytest.fixture
def doomed_cluster():
    """One for a test that ends it."""
    with machines() as there:
        yield there


@pytest.fixture
def config(tmp_path):
    """Writes a config for a run of so many updates."""

    def write(updates):
        path = tmp_path / "tiny.toml"
        path.write_text(CONFIG.format(plies=updates * 64))
        return path

    return write


@pytest.fixture
def keisei(tmp_path):
    """Starts commands, none of which outlives its test."""
    started = []

    def start(*words, at=None, module="keisei_core", **environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("RANK", "WORLD", "RAY_"))}
        process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, words)],
            env=clean | (at.variables if at else ONE_THREAD) | environment,
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        return process

    yield start
    with ExitStack() as stack:
        for process in started:
            stack.callback(end_group, process)


@pytest.fixture
def wait_until():
    """Waits for something to become true, and fails if it does not within some minutes."""

    def wait(is_so, seconds=400):
        deadline = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.05)

    return wait


@pytest.fixture
def running(keisei, config, cluster, tmp_path, wait_until):
    """Starts a run of many updates on the cluster and returns it once it has made some."""

    def start(*words, updates=1_000_000, at_least=3, at=cluster):
        process = keisei("run", config(updates), "--run-dir", "r", *words, at=at)
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


def updates_in(run):
    path = run / "metrics.jsonl"
    return path.read_text().count("\n") if path.exists() else 0


@pytest.fixture(name="updates_in")
def updates_in_fixture():
    """Counts the updates that a run has logged."""
    return updates_in


def status(pid):
    """Returns state and parent of a process; a zombie's where it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return "Z", 0
    return fields[0], int(fields[1])


@pytest.fixture
def is_alive():
    return lambda pid: status(pid)[0] != "Z"


@pytest.fixture
def workers(tmp_path):
    """Finds the workers of this test's run, as {rank: pid}; the actor is a worker's parent."""

    def find():
        found = {}
        for entry in Path("/proc").iterdir():
            try:
                if not entry.name.isdecimal() or os.readlink(entry / "cwd") != str(tmp_path):
                    continue
                words = (entry / "cmdline").read_bytes().split(b"\0")
                variables = (entry / "environ").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"keisei_core.launching" in words:
                found |= {int(each[5:]): int(entry.name) for each in variables if each.startswith(b"RANK=")}
        return found

    return find


@pytest.fixture
def actor_of():
    return lambda pid: status(pid)[1]


@pytest.fixture
def free_machine(cluster):
    """Puts a machine back after a test that took one away."""
    yield cluster
    cluster.ask("kill")
    assert cluster.ask("add") == 2


@pytest.fixture
def end():
    """Ends a command by signals and returns its exit code and what it said."""

    def signalled(process, *numbers, pause_s=1.0):
        for count, number in enumerate(numbers):
            if count:
                time.sleep(pause_s)
                assert process.poll() is None
            process.send_signal(number)
        _, said = process.communicate(timeout=300)
        return process.returncode, said

    return signalled
