"""The files of docs/examples/clusters, started again and again on two hosts while processes are killed at random."""

import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import attrs
import pytest

from keisei_core.testing.tiny_run import logged_in, saved_in, tiny_config, updates_in, wait_until, weights_of
from tests.clusters.schedulers import PATIENCE_S, Host, JobSet, Scheduler, Slurm

KILLS = int(os.environ.get("KEISEI_KILLS", "2"))
"""How often a process is killed; 20 take a quarter of an hour for each file."""
STOPS = 1 + KILLS // 10
"""How often all are told to stop."""
UPDATES = 4 * (KILLS + STOPS) + 4


@attrs.define
class Proof:
    """What happened to one run."""

    kills: Counter[int] = attrs.field(factory=Counter)
    stops: int = 0
    lost: list[int] = attrs.field(factory=list)
    ended_s: list[float] = attrs.field(factory=list)
    began_s: list[float] = attrs.field(factory=list)

    def cells(self, file: str) -> tuple[object, ...]:
        """Returns a row of the report."""
        kills = f"{self.kills[0]}, {self.kills[1]}"
        times = of_seconds(self.ended_s), of_seconds(self.began_s)
        return file, kills, self.stops, UPDATES, max(self.lost), *times, "equal, bit for bit"


def of_seconds(times: Sequence[float]) -> str:
    return f"{statistics.median(times):.1f} s, {max(times):.1f} s"


@pytest.mark.parametrize("kind", [Slurm, JobSet], ids=["slurm.sh", "jobset.yaml"])
def test_run_whose_processes_are_killed_at_random_is_the_run_of_one_start(
    kind: Callable[[Path, Sequence[Host], int], Scheduler],
    hosts: list[Host],
    tmp_path: Path,
    found: Callable[[Iterable[object]], None],
    request: pytest.FixtureRequest,
) -> None:
    (tmp_path / "keisei.toml").write_text(tiny_config(UPDATES, saved_every=1))
    proof, run = Proof(), tmp_path / "runs" / "1"
    chance = random.Random(19)
    signals = [signal.SIGKILL] * KILLS + [signal.SIGTERM] * STOPS
    chance.shuffle(signals)

    scheduler = kind(tmp_path, hosts, 1)
    try:
        for number in signals:
            disturb(scheduler, run, number, chance, proof)
        scheduler.start()
        assert scheduler.wait() == {0: 0, 1: 0}
        assert not scheduler.starts_again()
    finally:
        scheduler.end()

    whole = kind(tmp_path, hosts, 2)
    try:
        whole.start()
        assert whole.wait() == {0: 0, 1: 0}
    finally:
        whole.end()
    assert weights_of(run) == weights_of(tmp_path / "runs" / "2")
    assert logged_in(run) == list(range(1, UPDATES + 1))
    assert max(proof.lost) <= 1
    found(proof.cells(request.node.callspec.id))


def disturb(scheduler: Scheduler, run: Path, number: signal.Signals, chance: random.Random, proof: Proof) -> None:
    """Starts all, sends a signal to one at random once some updates are made, and looks at what came of it."""
    before, rank = updates_in(run), chance.randrange(2)
    wanted = before + chance.randint(1, 3)
    scheduler.start()
    started = time.monotonic()
    wait_until(lambda: updates_in(run) > before, PATIENCE_S)
    proof.began_s.append(time.monotonic() - started)
    wait_until(lambda: updates_in(run) >= wanted, PATIENCE_S)
    time.sleep(chance.random())
    os.kill(scheduler.processes()[rank], number)
    sent = time.monotonic()
    codes = scheduler.wait()
    assert scheduler.starts_again(), codes
    if number == signal.SIGTERM:
        proof.stops += 1
        assert codes == {0: 75, 1: 75}
        assert saved_in(run) >= updates_in(run)
        return
    proof.kills[rank] += 1
    proof.ended_s.append(time.monotonic() - sent)
    proof.lost.append(updates_in(run) - saved_in(run))
    assert codes[rank] == 128 + signal.SIGKILL
    assert codes[1 - rank] in scheduler.bereaved
