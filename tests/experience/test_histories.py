"""Planes of earlier positions: what learning makes again from a segment is what was seen in play."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from keisei_core.config.tables import ValueTable
from keisei_core.decide import Decision, GamesView
from keisei_core.distribution import Single
from keisei_core.errors import PluginError
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.experience import Lockstep, OpponentPool, Segment
from keisei_core.learn import Batches, Lessons, MoveSets, Targets, Taught
from keisei_core.learn.teaching import Lecturer, Teaching
from keisei_core.precision import Fp32
from keisei_core.shogi import NUM_ACTIONS, Ending, Games, Starts, legal_mask, random_sidelines
from keisei_core.testing import feature_set

CPU = torch.device("cpu")
FEATURES = feature_set("core46+history")
EARLIER = 7
NUM_GAMES = 24
NUM_PLIES = 13
HANDICAP = "lnsgkgsn1/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL w - 1"
ENDGAME = "4k4/9/4P4/9/9/9/9/9/4K4 b 2G2S2N2L2RB5Pb 1"
STARTS = Starts.from_sfens(["startpos", HANDICAP, ENDGAME], random_plies=9, mirror=True)


class Indifferent(torch.nn.Module):
    """Likes every move as much."""

    def forward(self, planes: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.zeros(len(planes), NUM_ACTIONS), torch.zeros(len(planes))


class Watching:
    """Plays at random and keeps what the network would have seen."""

    columns = ()

    def __init__(self) -> None:
        self.seen: list[np.ndarray] = []
        self.random = np.random.default_rng(1)

    def decide(self, games: GamesView, evaluator: Evaluator, stream: torch.Generator) -> Decision:
        self.seen.append(evaluator.features.encode(games.positions))
        wanted = self.random.random(games.legal.shape) * games.legal
        return Decision(action=wanted.argmax(axis=1).astype(np.int32), columns={})


def evaluator() -> Evaluator:
    return Evaluator(ActorCritic(Indifferent(), FEATURES.channels, ValueTable()), FEATURES, Fp32(CPU), CPU)


def source(starts: Starts = STARTS, *, max_plies: int = 40, pool: OpponentPool | None = None) -> Lockstep:
    games = Games(NUM_GAMES, max_plies=max_plies, starts=starts, seed=2, history=FEATURES.needs.history)
    return Lockstep(games, Watching(), evaluator(), torch.Generator(), num_plies=NUM_PLIES, columns=(), pool=pool)


def seen(played: Lockstep) -> np.ndarray:
    """Takes what was seen since the last call: uint8 [N, C, 9, 9]."""
    planes = np.concatenate(played.decider.seen)
    played.decider.seen.clear()
    return planes


def made_again(segment: Segment) -> np.ndarray:
    return FEATURES.encode(segment.positions_of(np.arange(segment.num_plies)))


def test_planes_made_again_are_those_seen_in_play() -> None:
    played, endings = source(), np.zeros(len(Ending), np.int64)
    for _ in range(24):
        segment, report = played.next()
        np.testing.assert_array_equal(made_again(segment), seen(played))
        endings += report.endings

    assert endings[Ending.MATE] > 5
    assert endings[Ending.MAX_PLIES] > 50


def test_any_rows_in_any_order_have_their_planes() -> None:
    played = source()
    segment, _ = played.next()
    rows = np.random.default_rng(0).permutation(segment.num_plies)[:100]

    np.testing.assert_array_equal(FEATURES.encode(segment.positions_of(rows)), seen(played)[rows])
    assert len(segment.positions_of(rows[:0])) == 0


def test_segments_of_one_ply_know_the_plies_before_them() -> None:
    played = source()
    played.num_plies = 1
    for _ in range(30):
        segment, _ = played.next()
        np.testing.assert_array_equal(made_again(segment), seen(played))


def test_positions_after_the_plies_and_after_a_cut_have_their_past() -> None:
    played, num_cut = source(max_plies=12), 0
    for _ in range(4):
        segment, _ = played.next()
        last = segment.positions_of(segment.cut_rows)
        planes, before = FEATURES.encode(segment.cut), FEATURES.encode(last)
        turned = before[:, [*range(14, 28), *range(14)], ::-1, ::-1]
        np.testing.assert_array_equal(planes[:, 46:74], turned)
        np.testing.assert_array_equal(FEATURES.encode(segment.after), FEATURES.encode(played.games.positions))
        num_cut += len(segment.cut)

    assert num_cut > NUM_GAMES


def test_games_go_on_in_another_process_with_the_same_planes() -> None:
    played, resumed = source(), source()
    played.next()
    arrays, data = played.state()
    resumed.load_state({name: array.copy() for name, array in arrays.items()}, data)
    resumed.decider.random.bit_generator.state = played.decider.random.bit_generator.state
    seen(played)
    for _ in range(3):
        first, second = played.next()[0], resumed.next()[0]
        np.testing.assert_array_equal(seen(played), seen(resumed))
        np.testing.assert_array_equal(first.pasts, second.pasts)


def test_opponents_from_the_pool_see_the_same_past() -> None:
    own = evaluator()
    pool = OpponentPool(own, num_games=NUM_GAMES, size=1, seed=1)
    pool.add(1, Single(CPU))
    pool.begin(np.ones(NUM_GAMES, np.bool_))
    played = source(pool=pool)

    segment, _ = played.next()

    assert not segment.learned.all()
    np.testing.assert_array_equal(made_again(segment), seen(played))


@pytest.mark.parametrize("num_earlier", [0, 3])
def test_segment_keeps_a_past_for_each_game_and_not_for_each_ply(num_earlier: int) -> None:
    games = Games(NUM_GAMES, max_plies=5, seed=2, history=num_earlier)
    own = Evaluator(ActorCritic(Indifferent(), FEATURES.channels, ValueTable()), feature_set("core46"), Fp32(CPU), CPU)
    segment, _ = Lockstep(games, Watching(), own, torch.Generator(), num_plies=11, columns=()).next()

    assert segment.num_earlier == num_earlier
    assert segment.positions.bytes_per_position == 104
    assert segment.pasts.nbytes == 3 * NUM_GAMES * num_earlier * 96


class Beside:
    """Teaches the legal moves in positions beside."""

    columns = ()

    def __init__(self, derive: Callable[[Segment, np.ndarray], Any]) -> None:
        self.derive = derive

    def weight(self, progress: float) -> float:
        return 1.0

    def teach(self, segment: Segment, rows: np.ndarray, random: np.random.Generator) -> Taught:
        positions = self.derive(segment, rows)
        legal = legal_mask(positions)
        has_moves = legal.any(axis=1)
        targets = Targets(policy=MoveSets.of(legal[has_moves]), weight=np.ones(has_moves.sum(), np.float32))
        return Taught(beside=Lessons(positions=positions[has_moves], targets=targets), share=0.5)


def batch_with(derive: Callable[[Segment, np.ndarray], Any]) -> Any:
    teaching = Teaching([Lecturer("beside", "a-package 1.0", Beside(derive))])
    batches = Batches(FEATURES, teaching, Single(CPU), device=CPU, size=64, seed=0)
    return next(batches.epochs(source().next()[0], 0.0))


def test_positions_beside_have_the_position_that_they_left_before_them() -> None:
    def one_move_away(segment: Segment, rows: np.ndarray) -> Any:
        positions = segment.positions_of(rows)
        return random_sidelines(positions, legal_mask(positions), np.random.default_rng(0))[0]

    batch = batch_with(one_move_away)

    beside = batch.planes[batch.num_plies :].numpy()
    assert len(beside) == 32
    assert (beside[:, 46:74].sum(axis=(1, 2, 3)) > 0).all()
    np.testing.assert_array_equal(batch.planes[: batch.num_plies].numpy(), FEATURES.encode(batch.positions))


def test_positions_beside_that_lost_their_past_are_a_fault_of_the_teacher() -> None:
    with pytest.raises(PluginError, match=r"'beside' of a-package 1\.0 must give positions beside with 7 earlier ones"):
        batch_with(lambda segment, rows: segment.positions[rows])


def test_teacher_may_say_that_positions_have_no_past() -> None:
    batch = batch_with(lambda segment, rows: segment.positions[rows].with_history(segment.num_earlier))

    assert not batch.planes[batch.num_plies :, 46:].any()


def test_segment_whose_positions_were_not_stored_ply_by_ply_gives_none_with_a_past() -> None:
    segment, games = Segment.empty(2, NUM_GAMES, (), num_earlier=3), Games(NUM_GAMES, history=3)
    segment.put(0, games.positions)
    segment.ending[0, 0] = Ending.MATE
    segment.put(1, games.positions)
    segment.ending[0, 1] = Ending.MATE

    with pytest.raises(ValueError, match="expected positions stored by put, each ply after the endings"):
        segment.positions_of(np.arange(4))
