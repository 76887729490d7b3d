"""Made-up schedulers that start the files of docs/examples/clusters on two hosts, again and again as the files say."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final, Protocol

import attrs
import yaml

from keisei_core.errors import DistributionError, StoppedError
from keisei_core.testing.processes import unled

ADDRESSES: Final = ("10.78.0.1", "10.78.0.2")
FILES: Final = Path(__file__).parents[2] / "docs" / "examples" / "clusters"
SRUN: Final = Path(__file__).parent / "srun.py"
SCONTROL: Final = """#!/bin/sh
case $1 in
    show) printf '%s\\n' {first} {second} ;;
    requeue) touch {requeued} ;;
esac
"""
PATIENCE_S: Final = 1_800
"""Ranks that did not end by then hang."""


@attrs.frozen
class Host:
    """A network namespace."""

    name: str
    hidden: Path | None
    """A folder in whose place it has an empty disk that can't be written to."""

    def command(self, words: Sequence[str], names: Mapping[str, str] | None = None) -> list[str]:
        """Returns what to start in order to have a command run there; the process stays the same one.

        Args:
            words: the command.
            names: addresses that the host knows, by name.
        """
        mounts = [f"mount -t tmpfs -o ro none '{self.hidden}'"] if self.hidden else []
        if names:
            lines = "".join(f"{address} {name}\\n" for name, address in names.items())
            table = f"/tmp/{self.name}-hosts"  # in a file system of its own
            mounts += [
                "mount -t tmpfs none /mnt",
                f"printf '{lines}' > /mnt/{Path(table).name}",
                f"mount --bind /mnt/{Path(table).name} /etc/hosts",
            ]
        return ["ip", "netns", "exec", self.name, "sh", "-c", " && ".join([*mounts, 'exec "$@"']), "sh", *words]


class Scheduler(Protocol):
    """What starts the ranks of a job."""

    bereaved: ClassVar[frozenset[int]]
    """How a rank may end that loses another."""

    def start(self) -> None:
        """Starts all ranks."""
        ...

    def processes(self) -> Sequence[int]:
        """Returns the process of each rank; fewer while they are being started."""
        ...

    def wait(self) -> dict[int, int]:
        """Waits for the end of all ranks; returns their exit codes as a shell has them."""
        ...

    def starts_again(self) -> bool:
        """Tells whether the job's own policy starts it again after the ranks ended."""
        ...

    def end(self) -> None:
        """Leaves no process behind."""
        ...


class Slurm:
    """Runs a batch script; `srun` and `scontrol` are programs of ours."""

    bereaved = frozenset({DistributionError.exit_code})

    def __init__(self, folder: Path, hosts: Sequence[Host], job: int) -> None:
        """Makes a cluster of two nodes.

        Args:
            folder: the home folder, where runs/ is; the config is in it.
            hosts: a task each.
            job: number of the job.
        """
        self.folder, self.job = folder, job
        self.state = folder / f"slurm-{job}"
        programs = self.state / "bin"
        programs.mkdir(parents=True)
        self.requeued = self.state / "requeued"
        commands = [host.command([]) for host in hosts]
        (self.state / "hosts.json").write_text(json.dumps(commands))
        write_program(programs / "srun", f'#!/bin/sh\nexec {sys.executable} {SRUN} {self.state} "$@"\n')
        first, second = ADDRESSES
        write_program(programs / "scontrol", SCONTROL.format(first=first, second=second, requeued=self.requeued))
        self.path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts the script on the first node."""
        self.requeued.unlink(missing_ok=True)
        for old in self.state.glob("rank-*"):
            old.unlink()
        variables = {
            "SLURM_JOB_ID": self.job,
            "SLURM_JOB_NODELIST": "node[1-2]",
            "SLURM_NTASKS": 2,
            "SLURM_NTASKS_PER_NODE": 1,
        }
        environment = unled(variables | {"PATH": self.path, "HOME": self.folder})
        self.process = started(["bash", str(FILES / "slurm.sh")], self.state / "stderr", self.folder, environment)

    def processes(self) -> Sequence[int]:
        """Returns the tasks' processes."""
        return [int(path.read_text()) for path in sorted(self.state.glob("rank-?.pid"))]

    def wait(self) -> dict[int, int]:
        """Waits for the script."""
        assert self.process is not None
        highest = self.process.wait(timeout=PATIENCE_S)
        codes = {rank: int((self.state / f"rank-{rank}.code").read_text()) for rank in (0, 1)}
        assert highest == max(codes.values())
        return codes

    def starts_again(self) -> bool:
        """Tells whether the script put its job back into the queue."""
        return self.requeued.exists()

    def end(self) -> None:
        """Kills a script that still runs, and its tasks, whether or not it has told of them."""
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=PATIENCE_S)


class JobSet:
    """Runs a JobSet with two pods in the place of those it asks for."""

    bereaved = frozenset({DistributionError.exit_code, StoppedError.exit_code, 128 + signal.SIGTERM})
    """The set tells it to stop while it is about to end."""

    def __init__(self, folder: Path, hosts: Sequence[Host], run: int) -> None:
        """Reads the manifest.

        Args:
            folder: where runs/ and the config are.
            hosts: a pod each.
            run: number of the run, in the place of the 1 of the manifest.
        """
        self.folder, self.hosts, self.run, self.restarts = folder, hosts, run, 0
        document = yaml.safe_load((FILES / "jobset.yaml").read_text())
        self.policy = document["spec"]["failurePolicy"]
        self.job = document["spec"]["replicatedJobs"][0]["template"]["spec"]
        self.container = self.job["template"]["spec"]["containers"][0]
        self.pods: list[subprocess.Popen[bytes]] = []
        self.codes: dict[int, int] = {}

    def start(self) -> None:
        """Starts a pod on each host."""
        variables: dict[str, Any] = {entry["name"]: entry["value"] for entry in self.container["env"]}
        variables |= {"WORLD_SIZE": len(self.hosts), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        paths = {"/etc/keisei": str(self.folder), "/runs/1": f"{self.folder}/runs/{self.run}"}
        words = [replaced(word, paths) for word in self.container["command"]]
        names = {variables["MASTER_ADDR"]: ADDRESSES[0]}
        self.pods = [
            started(
                host.command(words, names),
                self.folder / f"pod-{index}",
                Path("/"),
                unled(variables | {"JOB_COMPLETION_INDEX": index}),
            )
            for index, host in enumerate(self.hosts)
        ]

    def processes(self) -> Sequence[int]:
        """Returns the pods' processes."""
        return [pod.pid for pod in self.pods]

    def wait(self) -> dict[int, int]:
        """Waits for the first pod that fails, and ends the others, as the set does before it starts all again."""
        while all(pod.poll() in (None, 0) for pod in self.pods) and any(pod.poll() is None for pod in self.pods):
            wait_for_one(self.pods)
        for pod in self.pods:
            if pod.poll() is None and not self.is_ignored([pod.poll() for pod in self.pods]):
                pod.send_signal(signal.SIGTERM)
        ends = [pod.wait(timeout=PATIENCE_S) for pod in self.pods]
        self.codes = {index: end if end >= 0 else 128 - end for index, end in enumerate(ends)}
        return self.codes

    def is_ignored(self, codes: Sequence[int | None]) -> bool:
        """Tells whether all pods that failed did so in a way that fails no job."""
        return all(code in self.values("Ignore") for code in codes if code)

    def values(self, action: str) -> list[int]:
        """Returns the exit codes that the policy has an action for."""
        rules = self.job["podFailurePolicy"]["rules"]
        return [code for rule in rules if rule["action"] == action for code in rule["onExitCodes"]["values"]]

    def starts_again(self) -> bool:
        """Tells whether pods have successors, by themselves or since the set starts again."""
        failed = [code for code in self.codes.values() if code]
        if not failed or set(failed) & set(self.values("FailJob")):
            return False
        self.restarts += not self.is_ignored(failed)
        return bool(self.restarts <= self.policy["maxRestarts"])

    def end(self) -> None:
        """Kills pods that still run."""
        for pod in self.pods:
            pod.kill()
            pod.wait(timeout=PATIENCE_S)


def started(
    command: Sequence[str], told: Path, folder: Path, environment: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    """Starts a process in a folder and a group of its own; what it says on stderr is added to a file."""
    with told.open("ab") as file:
        return subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=file, start_new_session=True
        )


def wait_for_one(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Gives a process some time to end."""
    for process in processes:
        if process.poll() is None:
            try:
                process.wait(timeout=0.05)
            except subprocess.TimeoutExpired:
                return


def replaced(text: str, parts: Mapping[str, str]) -> str:
    """Returns a text with other parts in the place of some."""
    for old, new in parts.items():
        text = text.replace(old, new)
    return text


def write_program(path: Path, text: str) -> None:
    """Writes a file that can be run."""
    path.write_text(text)
    path.chmod(0o755)
