"""What the core does where a run has several processes, with stand-ins for them; real ones are in ddp's own suite."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from keisei_core.arena import Score
from keisei_core.arena.score import score_of_pairs
from keisei_core.checkpoint import Checkpoint, RankState
from keisei_core.checkpoint.spread import spread
from keisei_core.distribution import Single, share_of_each
from keisei_core.errors import ConfigError, StoppedError
from keisei_core.first_compile import before_compiling
from keisei_core.launching import Job
from keisei_core.run.matches import match_of_all
from keisei_core.run.processes import has_launcher, in_every_process, in_one_process
from keisei_core.run.settled_precision import require_same_choice
from tests.ranks import Thread, on_every_rank


def of(count: int) -> Any:
    return SimpleNamespace(world_size=count)


def test_total_is_shared_evenly():
    assert [share_of_each(12, of(count), "x") for count in (1, 2, 3, 12)] == [12, 6, 4, 1]


@pytest.mark.parametrize(
    ("total", "count", "near"), [(7, 2, "6 or 8"), (128, 3, "126 or 129"), (2, 3, "3"), (5, 8, "8")]
)
def test_total_that_can_not_be_shared_is_refused_with_those_that_can(total, count, near):
    wanted = (
        rf"\[selfplay\] games: must be a multiple of the {count} processes that share it, got {total}; write {near}$"
    )
    with pytest.raises(ConfigError, match=wanted):
        share_of_each(total, of(count), "[selfplay] games")


def of_openings(rank: int, openings: range) -> dict[int, str]:
    """What comes of pairs, apart for each opening; nobody plays."""
    return {opening: ("WW", "WL", "DC", "LL")[opening % 4] for opening in openings}


@pytest.mark.parametrize(("world_size", "shares"), [(1, [5]), (2, [3, 2]), (3, [2, 2, 1]), (7, [1, 1, 1, 1, 1, 0, 0])])
def test_pairs_of_a_match_are_dealt_to_all_and_add_up_on_all(world_size, shares):
    played = [range(0)] * world_size

    def work(backend: Thread) -> Score:
        def play(openings: range) -> dict[int, str]:
            played[backend.rank] = openings
            return of_openings(backend.rank, openings)

        return match_of_all(play, 10, backend, world_size)

    found = on_every_rank(work, world_size)

    whole = score_of_pairs(["WW", "WL", "DC", "LL", "WW"])
    assert found == [whole] * world_size
    assert [len(openings) for openings in played] == shares
    assert sorted(opening for openings in played for opening in openings) == list(range(5))


def test_match_that_only_rank_0_can_play_is_known_on_all():
    played = []

    def work(backend: Thread) -> Score:
        return match_of_all(lambda openings: played.append(backend.rank) or of_openings(0, openings), 4, backend, 1)

    assert on_every_rank(work, 3) == [score_of_pairs(["WW", "WL"])] * 3
    assert played == [0]


@pytest.mark.parametrize("stopped", [0, 1])
def test_match_that_one_process_leaves_is_left_by_all(stopped):
    def work(backend: Thread) -> Score:
        def play(openings: range) -> dict[int, str]:
            if backend.rank == stopped:
                raise StoppedError("asked to stop")
            return of_openings(backend.rank, openings)

        return match_of_all(play, 4, backend, 2)

    assert [type(error) for error in on_every_rank(work)] == [StoppedError, StoppedError]


def test_checkpoint_of_rank_0_reaches_all_with_every_ranks_part():
    ranks = tuple(RankState(arrays={"ply": torch.tensor([rank]).numpy()}, state={"of": rank}) for rank in (0, 1))
    whole = Checkpoint(weights={"w": torch.arange(3.0)}, optimizer={}, ranks=ranks, state={"counters": {"update": 4}})

    found = on_every_rank(lambda backend: spread(whole if backend.rank == 0 else None, backend))

    for checkpoint in found:
        assert checkpoint.weights["w"].tolist() == [0, 1, 2]
        assert checkpoint.state == {"counters": {"update": 4}}
        assert [rank.state for rank in checkpoint.ranks] == [{"of": 0}, {"of": 1}]
        assert [int(rank.arrays["ply"][0]) for rank in checkpoint.ranks] == [0, 1]


class Launched:
    """A backend's target that starts processes: here, it only remembers what for."""

    given: Job

    @staticmethod
    def launch(job: Job) -> int:
        Launched.given = job
        return 75


def settings_with(target: Any) -> Any:
    distribution = SimpleNamespace(load=lambda: target, options="options")
    return SimpleNamespace(distribution=distribution, run=SimpleNamespace(device="auto", threads=3))


def test_work_goes_to_the_launcher_of_the_backend():
    settings = settings_with(Launched)

    assert has_launcher(settings)
    assert in_every_process(settings, max, 1, 2, run_dir=Path("/r")) == 75
    job = Launched.given
    beginning, *rest = job.arguments
    assert (job.work, beginning.files, rest) == (in_one_process, (), [max, (1, 2)])
    assert (job.options, job.run_dir, job.device, job.threads) == ("options", Path("/r"), "auto", 3)
    assert job.work(*job.arguments) == 2


def test_kernels_are_compiled_beside_where_processes_are_started():
    done = []
    before_compiling(lambda: done.append("compiled"))
    in_every_process(settings_with(Single), max, 1, 2)
    assert done == []

    in_every_process(settings_with(Launched), max, 1, 2)

    assert done == ["compiled"]


def test_work_of_a_single_process_is_done_here():
    settings = settings_with(Single)

    assert not has_launcher(settings)
    assert in_every_process(settings, max, 1, 2) == 2


@pytest.mark.parametrize(("names", "is_refused"), [(("bf16", "bf16"), False), (("bf16", "fp32"), True)])
def test_processes_that_chose_different_precisions_are_refused_on_all(names, is_refused):
    def work(backend):
        policy = SimpleNamespace(name=names[backend.rank], is_emulated=False)
        require_same_choice(SimpleNamespace(precision=policy), policy, backend)

    found = on_every_rank(work)

    assert [type(error) for error in found] == [ConfigError if is_refused else type(None)] * 2
    assert "write bf16 or fp32" in str(found[0]) or not is_refused
