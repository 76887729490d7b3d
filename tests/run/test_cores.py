"""How many CPU threads a run takes: affinity, control groups and OMP_NUM_THREADS count, `[run] threads` wins."""

import math
import os
from pathlib import Path

import pytest
import torch

from keisei_core.config.tables import RunTable
from keisei_core.run.device import choose_threads, use_threads
from keisei_core.shogi import cores


@pytest.fixture
def on_eight_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets this process have eight cores and no other limit."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr(cores, "group_limit", lambda: math.inf)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


@pytest.mark.parametrize(
    ("threads", "omp", "processes", "taken", "limit"),
    [
        pytest.param(0, None, 1, 8, "", id="all cores"),
        pytest.param(0, None, 3, 2, "", id="a share of the cores"),
        pytest.param(0, None, 9, 1, "", id="at least one"),
        pytest.param(0, "3", 1, 3, "OMP_NUM_THREADS", id="OMP_NUM_THREADS"),
        pytest.param(0, "3", 4, 2, "", id="a share below OMP_NUM_THREADS"),
        pytest.param(0, "16", 1, 8, "", id="OMP_NUM_THREADS above the cores"),
        pytest.param(0, " 2,4", 1, 2, "OMP_NUM_THREADS", id="the first of a list"),
        pytest.param(0, "0", 1, 8, "", id="none"),
        pytest.param(0, "many", 1, 8, "", id="no number"),
        pytest.param(0, "-1", 1, 8, "", id="negative"),
        pytest.param(0, "", 1, 8, "", id="empty"),
        pytest.param(5, "3", 1, 5, "", id="run.threads"),
        pytest.param(12, None, 4, 12, "", id="run.threads above the cores"),
    ],
)
def test_threads_of_a_process(
    on_eight_cores: None,
    monkeypatch: pytest.MonkeyPatch,
    threads: int,
    omp: str | None,
    processes: int,
    taken: int,
    limit: str,
) -> None:
    if omp is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", omp)

    assert choose_threads(RunTable(threads=threads), processes) == (taken, limit)


def test_torch_takes_what_affinity_leaves(on_eight_cores: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5, 7}, raising=False)
    before = torch.get_num_threads()
    try:
        assert use_threads(RunTable()) == 3
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system has no affinity")
def test_affinity_of_this_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(before)})
        assert choose_threads(RunTable()) == (1, "")
    finally:
        os.sched_setaffinity(0, before)


@pytest.mark.parametrize(
    ("limits", "own", "allowed"),
    [
        pytest.param({"": "max 100000"}, "0::/\n", math.inf, id="no limit"),
        pytest.param({"": "250000 100000"}, "0::/\n", 2.5, id="a container's own root"),
        pytest.param({"a/b": "50000 100000"}, "0::/a/b\n", 0.5, id="its group"),
        pytest.param({"a": "200000 100000", "a/b": "max 100000"}, "0::/a/b\n", 2.0, id="a group above"),
        pytest.param({"a": "100000 100000"}, "0::/other\n", math.inf, id="another's group"),
        pytest.param({"": "300000 100000"}, "0::/of/the/host\n", 3.0, id="a path of the host"),
        pytest.param({"": "nonsense"}, "0::/\n", math.inf, id="no numbers"),
        pytest.param({"": "1 0"}, "0::/\n", math.inf, id="no period"),
        pytest.param({"": "100000 100000"}, None, math.inf, id="no Linux"),
    ],
)
def test_limit_of_control_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: dict[str, str], own: str | None, allowed: float
) -> None:
    groups = tmp_path / "groups"
    for group, text in limits.items():
        (groups / group).mkdir(parents=True, exist_ok=True)
        (groups / group / "cpu.max").write_text(text + "\n")
    if own is not None:
        (tmp_path / "cgroup").write_text("1:cpu:/\n" + own)
    monkeypatch.setattr(cores, "GROUPS", groups)
    monkeypatch.setattr(cores, "OWN_GROUP", tmp_path / "cgroup")

    assert cores.group_limit() == allowed


@pytest.mark.parametrize(("allowed", "used"), [(0.5, 1), (2.5, 2), (8.0, 8), (64.0, 8), (math.inf, 8)])
def test_control_group_bounds_the_cores(
    on_eight_cores: None, monkeypatch: pytest.MonkeyPatch, allowed: float, used: int
) -> None:
    monkeypatch.setattr(cores, "group_limit", lambda: allowed)

    assert cores.usable_cores() == used
