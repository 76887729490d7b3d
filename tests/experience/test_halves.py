"""Games in halves: what is played does not depend on who waits for whom."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from benchmarks.simulated_device import Clock, Device, SimulatedQueue
from keisei_core.config.tables import ValueTable
from keisei_core.decide import Column, Decision, PolicyDecider, decision_of
from keisei_core.distribution import Single
from keisei_core.errors import DivergedError, PluginError
from keisei_core.evaluate import ActorCritic, DeviceQueue, Evaluator, log_policy
from keisei_core.experience import Lockstep, OpponentPool, Segment
from keisei_core.observe import FeatureSet, Needs
from keisei_core.precision import Fp32
from keisei_core.shogi import NUM_ACTIONS, OPPONENT, Games, Starts
from keisei_core.testing.small_run import BACK_RANK, PiecePlanes
from tests.late_device import LateQueue

CPU = torch.device("cpu")
NUM_PLIES = 20


class WholeNumbers(torch.nn.Module):
    """Weights are small whole numbers: sums are exact, so a row's outputs don't depend on how many rows there are."""

    def __init__(self) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(5)
        weights = torch.randint(-2, 3, (2 * 81, NUM_ACTIONS + 1), generator=draw).float()
        self.weights = torch.nn.Parameter(weights)

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        codes = (planes * OPPONENT).round().flatten(1)
        sums = codes @ self.weights
        return sums[:, :-1] / 32, sums[:, -1] / 1024


class Remembering(PiecePlanes):
    """Asks for a history, so that segments must keep one."""

    needs = Needs(history=2)


class InOrder(PolicyDecider):
    """Decides a half and lets nobody else work before that is done."""

    def decide(self, games, evaluator, stream):
        return decision_of(super().stages(games, evaluator, stream))


class LooksTwice:
    """Evaluates the games, and then what its favourite moves lead to: two stages, and a draw in the first."""

    columns = (Column("value", np.float32), Column("next_value", np.float32))

    def decide(self, games, evaluator, stream):
        return decision_of(self.stages(games, evaluator, stream))

    def stages(self, games, evaluator, stream):
        answer = evaluator.submit(games.positions, games.legal, noisy, stream)
        yield
        action, value = answer.collect()
        branches = games.branch(slice(None))
        branches.play(action.astype(np.int32))
        answer = evaluator.submit(branches.positions, branches.legal, only_value, stream)
        yield
        (next_value,) = answer.collect()
        columns = {"value": value, "next_value": next_value}
        return Decision(action=action.astype(np.int32), columns=columns)


class Blind:
    """Asks the network and looks at nothing that it says."""

    columns = ()

    def __init__(self, offset: int = 0) -> None:
        self.offset = offset

    def decide(self, games, evaluator, stream):
        evaluator.raw(games.positions)
        return Decision(
            action=(games.legal.argmax(axis=1) * (self.offset == 0) + self.offset).astype(np.int32), columns={}
        )


def noisy(logits: Tensor, value: Tensor, legal: Tensor, stream: torch.Generator) -> Tensor:
    noise = torch.rand(len(logits), 1, generator=stream)
    return torch.stack((log_policy(logits * noise, legal).argmax(dim=1).float(), value))


def only_value(logits: Tensor, value: Tensor, legal: Tensor, stream: torch.Generator) -> Tensor:
    return value[None]


def source(
    *,
    in_halves: bool = True,
    decider: Any = None,
    queue: DeviceQueue | None = None,
    num_games: int = 17,
    pool_games: int = 0,
    network: torch.nn.Module | None = None,
) -> Lockstep:
    """Makes self-play of short games, some of which are won within a rollout and others cut off."""
    features, decider = FeatureSet([Remembering()]), decider or PolicyDecider(None)
    acting = ActorCritic(network or WholeNumbers(), features.channels, ValueTable(), "model 'm' of p 1")
    evaluator = Evaluator(acting, features, Fp32(CPU), CPU, queue)
    starts = Starts.from_sfens([BACK_RANK, BACK_RANK, "startpos"])
    games = Games(num_games, max_plies=10, starts=starts, seed=4, history=features.needs.history)
    pool = None
    if pool_games:
        pool = OpponentPool(evaluator, num_games=pool_games, size=2, seed=1)
        pool.add(1, Single(CPU))
        pool.begin(np.ones(num_games, np.bool_))
    return Lockstep(
        games,
        decider,
        evaluator,
        torch.Generator().manual_seed(6),
        num_plies=NUM_PLIES,
        columns=decider.columns,
        num_recorded=6,
        pool=pool,
        in_halves=in_halves,
        owner="'d' of q 2",
    )


def played(made: Lockstep) -> dict[str, Any]:
    """Plays two rollouts; all that came of them, and all that the next ones start from."""
    found: dict[str, Any] = {}
    for number in range(2):
        segment, report = made.next(number)
        found |= {f"{number}.{name}": array for name, array in arrays_of(segment).items()}
        found[f"{number}.report"] = report.endings, report.finished_plies, report.records, report.pool_scores
    arrays, data = made.state()
    del arrays["ending"], arrays["reward"]  # of the last step: nobody goes on from them, and it left one half alone
    return found | arrays | {"data": data}


def arrays_of(segment: Segment) -> dict[str, np.ndarray]:
    rows = np.arange(segment.num_plies)
    parts = {"stored": segment.positions_of(rows), "after": segment.after, "cut": segment.cut}
    positions = {f"{part}.{name}": x for part, those in parts.items() for name, x in those.arrays().items()}
    own = {name: getattr(segment, name) for name in ("learned", "action", "ending", "cut_rows", "pasts")}
    return positions | own | segment.columns


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    assert one.keys() == other.keys()
    return [name for name in one if not is_same(one[name], other[name])]


def is_same(one: Any, other: Any) -> bool:
    return np.array_equal(one, other) if isinstance(one, np.ndarray) else one == other


@pytest.mark.parametrize("num_games", [1, 2, 17])
def test_halves_play_what_all_games_together_do(num_games):
    assert differences(played(source(num_games=num_games)), played(source(num_games=num_games, in_halves=False))) == []


@pytest.mark.parametrize("pool_games", [0, 7])
@pytest.mark.parametrize("make", [LateQueue, lambda: DeviceQueue(CPU)], ids=["late", "at-once"])
def test_halves_that_overlap_play_what_halves_in_order_do(make: Callable[[], DeviceQueue], pool_games: int):
    overlapped = source(queue=make(), pool_games=pool_games)
    in_order = source(decider=InOrder(None), pool_games=pool_games)

    found = played(overlapped)

    assert differences(found, played(in_order)) == []
    assert found["0.cut_rows"].size
    assert bool(found["0.report"][3]) == bool(pool_games)


@pytest.mark.parametrize("make", [LateQueue, lambda: DeviceQueue(CPU)], ids=["late", "at-once"])
def test_decider_of_several_stages_plays_in_halves_what_it_does_in_order(make: Callable[[], DeviceQueue]):
    found = played(source(decider=LooksTwice(), queue=make()))

    assert differences(found, played(source(decider=LooksTwice(), in_halves=False))) == []


class Counting(LateQueue):
    """Notes how much is asked for and not yet collected whenever a half is played."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: list[int] = []

    def watch(self, games: Games) -> None:
        step = games.step

        def noted(actions):
            self.under_way.append(len(self.waiting))
            step(actions)

        games.step = noted  # type: ignore[method-assign]


@pytest.mark.parametrize("decider", [PolicyDecider(None), LooksTwice()], ids=["one-stage", "two-stages"])
def test_device_has_the_other_half_to_work_on_while_one_is_played(decider):
    queue = Counting()
    made = source(queue=queue, decider=decider)
    queue.watch(made.games)

    made.next()

    assert queue.under_way == [1] * (2 * NUM_PLIES - 1) + [0]


def test_source_in_halves_goes_on_from_a_state_as_if_it_had_not_stopped():
    whole, resumed, together = (source(pool_games=0, in_halves=halves) for halves in (True, True, False))
    whole.next()
    arrays, data = whole.state()
    for other in (resumed, together):
        other.load_state(arrays, deepcopy(data))

    found = played(whole)

    assert differences(found, played(resumed)) == []
    assert differences(found, played(together)) == []


def test_change_of_decide_alone_is_what_is_decided_by():
    class Lowest(PolicyDecider):
        def decide(self, games, evaluator, stream):
            decision = super().decide(games, evaluator, stream)
            return Decision(action=games.legal.argmax(axis=1).astype(np.int32), columns=decision.columns)

    segment, _ = source(decider=Lowest(None)).next()

    games = Games(1, starts=Starts.from_sfens([BACK_RANK]))
    assert int(games.legal.argmax()) in segment.action[0]
    assert len(np.unique(segment.action[0])) == 2


class Broken(torch.nn.Module):
    """Gives a number that is none, or values too large, in the last row alone."""

    def __init__(self, logit: float, value: float) -> None:
        super().__init__()
        self.logit, self.value = logit, value

    def forward(self, planes: Tensor) -> tuple[Tensor, Tensor]:
        logits, value = torch.zeros(len(planes), NUM_ACTIONS), torch.zeros(len(planes))
        logits[-1], value[-1] = self.logit, self.value
        return logits, value


@pytest.mark.parametrize("in_halves", [True, False])
@pytest.mark.parametrize(
    ("network", "decider", "error", "told"),
    [
        (Broken(np.nan, 0.0), PolicyDecider(None), DivergedError, "nan or inf in logits of model 'm' of p 1"),
        (Broken(0.0, np.nan), PolicyDecider(None), DivergedError, "nan or inf in value of model 'm' of p 1"),
        (Broken(0.0, np.nan), Blind(), DivergedError, "nan or inf in value of model 'm' of p 1"),
        (Broken(0.0, 1e6), PolicyDecider(None), PluginError, "model 'm' of p 1: value must be the expected result"),
        (Broken(0.0, 0.0), Blind(2187), PluginError, "decider 'd' of q 2 must return legal actions, got 2187 in game"),
    ],
)
def test_part_that_is_wrong_is_named(in_halves, network, decider, error, told):
    with pytest.raises(error, match=told):
        source(in_halves=in_halves, network=network, decider=decider).next()


STANDS_FOR = 128
"""Games that each of 32 stands for here: 4,096."""
SHARED = 12
"""What 16 cores make of a kernel beside one."""
STEP_S, ENCODE_S, REST_S = 0.55e-6 / SHARED, 0.8e-6 / SHARED, 0.2e-6
"""Of a game: measured on one core, planes of 85 channels; material, masks and all that no threads share."""
PYTHON_S = 0.3e-3
"""Of a half's ply, whatever the games."""


def idle_share(in_halves: bool) -> float:
    """Plays two rollouts with a device that evaluates as one H100 would 10 blocks of 128 channels."""
    clock = Clock(counter=lambda: 0.0)
    device = Device(
        positions_per_s=300_000 / STANDS_FOR, copied_per_s=25e9 / 7_200 / STANDS_FOR, launch_s=PYTHON_S
    )  # fmt: skip
    queue = SimulatedQueue(device, clock)
    made = source(queue=queue, in_halves=in_halves, num_games=32)
    step, encode = made.games.step, made.evaluator.features.encode_over

    def costly_step(actions):
        clock.spend(STEP_S * STANDS_FOR * (actions >= 0).sum())
        step(actions)

    def costly_encode(positions, canvas):
        clock.spend((ENCODE_S + REST_S) * STANDS_FOR * len(positions))
        encode(positions, canvas)

    made.games.step, made.evaluator.features.encode_over = costly_step, costly_encode
    for _ in range(2):
        made.next()
    return 1 - queue.busy_s / clock.now()


def test_device_hardly_waits_for_halves_where_it_waits_for_all_games_together():
    assert idle_share(in_halves=True) < 0.05
    assert idle_share(in_halves=False) > 0.1
