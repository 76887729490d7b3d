"""What is asked of a teacher.

Shape key: T plies, B games, N plies asked about, A = 2,187 actions.
"""

import math
from collections.abc import Callable, Iterator
from typing import Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.decide import Column
from keisei_core.errors import PluginError
from keisei_core.evaluate import MovePolicy
from keisei_core.experience import Segment
from keisei_core.learn import Lecturer, Targets, Taught, Teacher, TeacherContext
from keisei_core.observe import needs_of
from keisei_core.shogi import NUM_ACTIONS, Games, Positions, legal_moves
from keisei_core.testing.check import Check
from keisei_core.testing.columns import require_columns
from keisei_core.testing.contract_error import ContractError, ask_only_if, require
from keisei_core.testing.figures import is_figure
from keisei_core.testing.small_run import SmallRun
from keisei_core.testing.streams import require_global_streams_stay
from keisei_core.testing.under_test import UnderTest

STAGES: Final = tuple(tenth / 10 for tenth in range(11))
NUM_GAMES: Final = 16
NUM_PLIES: Final = 8
DEEPER: Final = 12
"""Plies that every other game is ahead, so that positions of all stages are asked about."""
TOLERANCE: Final = 1e-3
"""Of what a network says of the same position in another batch."""


@attrs.frozen(kw_only=True)
class TeacherUnderTest(UnderTest):
    """A teacher and what its author says about it."""

    make: Callable[[TeacherContext], Teacher]
    row_by_row: bool = True
    """True where what is taught at a ply depends on the ply alone."""
    device: str = "cpu"

    def build(self, run: SmallRun | None = None) -> Teacher:
        """Builds the teacher, for a small run of its own if not for a given one; the network is always the same."""
        run = SmallRun(self.device) if run is None else run
        return self.make(TeacherContext(device=run.device, evaluator=run.evaluator))

    def segment(self) -> Segment:
        """Returns plies of random games, every time a fresh copy; the columns that the teacher asks for are all 0."""
        teacher = self.build()
        return random_segment(tuple(teacher.columns), needs_of(teacher).history)

    def taught(self, rows: NDArray[np.int64], seed: int = 0) -> Taught:
        """Asks a fresh teacher about plies, by a stream of this seed."""
        return self.build().teach(self.segment(), rows, np.random.default_rng(seed))

    def lots(self) -> Iterator[NDArray[np.int64]]:
        """Yields plies to ask about: all, some in any order, and one alone."""
        everything = np.arange(NUM_GAMES * NUM_PLIES)
        yield everything
        yield np.random.default_rng(3).permutation(everything)[:9]
        yield everything[-1:]


def random_segment(columns: tuple[Column, ...], history: int) -> Segment:
    """Plays T plies of B random games, so many earlier positions beside each."""
    segment = Segment.empty(NUM_PLIES, NUM_GAMES, columns, num_earlier=history)
    games = Games(NUM_GAMES, seed=1, history=history)
    for _ in range(DEEPER):
        actions = games.sample()
        actions[::2] = -1
        games.step(actions)
    for ply in range(NUM_PLIES):
        segment.put(ply, games.positions)
        actions = games.sample()
        segment.action[ply] = actions
        games.step(actions)
        segment.ending[ply] = games.ending
    segment.after[:] = games.positions
    return segment


def check_columns_are_declared(under_test: TeacherUnderTest) -> None:
    """What it wants to know of plies is a tuple of columns with names of their own, the same in every object."""
    require_columns(under_test.build(), under_test.build())


def check_weight_is_never_negative(under_test: TeacherUnderTest) -> None:
    """At every stage of a run the loss is multiplied by a finite number, 0 where the teacher has retired."""
    teacher = under_test.build()
    for stage in STAGES:
        weight = teacher.weight(stage)
        good = isinstance(weight, float | int) and math.isfinite(weight) and weight >= 0
        require(good, f"weight must be finite and at least 0 at a progress of {stage:g}, got {weight!r}")


def check_targets_can_be_learned(under_test: TeacherUnderTest) -> None:
    """There are as many targets as plies, of legal moves and finite numbers, for many plies and for one."""
    for rows in under_test.lots():
        lecturer = Lecturer("under test", "this package", under_test.build())
        try:
            lecturer.teach(under_test.segment(), rows, np.random.default_rng(0))
        except PluginError as error:
            raise ContractError(f"asked about {len(rows)} plies: {error}") from error


def check_share_is_a_share(under_test: TeacherUnderTest) -> None:
    """How many positions beside are drawn for a minibatch is a finite share of its plies."""
    for rows in under_test.lots():
        share = under_test.taught(rows).share
        require(math.isfinite(share) and share >= 0, f"share must be finite and at least 0, got {share!r}")


def check_losses_are_finite(under_test: TeacherUnderTest) -> None:
    """Whatever legal moves the policy likes, its distance from what is taught is finite and at least 0."""
    for rows in under_test.lots():
        for targets, positions in _parts(under_test.taught(rows), under_test.segment().positions_of(rows)):
            if targets.policy is not None:
                loss = targets.policy.loss(_some_policy(positions))[torch.from_numpy(targets.weight > 0)]
                good = bool(torch.isfinite(loss).all() and (loss > -TOLERANCE).all())
                require(good, "the loss of a policy target must be finite and at least 0")


def check_rows_are_answered_in_their_order(under_test: TeacherUnderTest) -> None:
    """What is taught at a ply does not depend on which others are asked about, where the author says so."""
    ask_only_if(under_test.row_by_row, "row_by_row = False")
    everything, some, _ = under_test.lots()
    whole, part = (under_test.taught(rows).of_plies(np.arange(len(rows))) for rows in (everything, some))
    require((whole is None) == (part is None), "plies must be taught whatever their number, or never")
    if whole is None or part is None:
        return
    policy = _some_policy(under_test.segment().positions_of(some))
    pairs = zip(_numbers(whole[some], policy), _numbers(part, policy), strict=True)
    same = all(np.allclose(one, other, rtol=TOLERANCE, atol=TOLERANCE) for one, other in pairs)
    require(same, "the targets of a ply must be the same whatever else is asked about, and in the order of rows")


def check_same_stream_gives_same_lessons(under_test: TeacherUnderTest) -> None:
    """Two teachers, asked the same with streams of the same seed, teach the same: a resumed run is the run."""
    rows = next(under_test.lots())
    positions = under_test.segment().positions_of(rows)
    one, other = under_test.taught(rows, seed=7), under_test.taught(rows, seed=7)
    first, second = list(_parts(one, positions)), list(_parts(other, positions))
    same = one.share == other.share and len(first) == len(second)
    for (targets, where), (twin, there) in zip(first, second, strict=False):
        same = same and _equal(where, there) and len(targets) == len(twin)
        policy = _some_policy(where)
        same = same and all(
            np.array_equal(a, b) for a, b in zip(_numbers(targets, policy), _numbers(twin, policy), strict=True)
        )
    require(same, "lessons must be the same where the random stream is, they differ")


def check_segment_is_left_alone(under_test: TeacherUnderTest) -> None:
    """The algorithm learns from the same plies: nothing in them changes."""
    segment, before, rows = under_test.segment(), under_test.segment(), next(under_test.lots())
    asked = rows.copy()
    under_test.build().teach(segment, rows, np.random.default_rng(0))
    pairs = {name: (array, _arrays(before)[name]) for name, array in _arrays(segment).items()}
    changed = [name for name, (one, other) in pairs.items() if not np.array_equal(one, other)]
    changed += ["rows"] * (not np.array_equal(asked, rows))
    require(not changed, f"teach must not change what it is given, it changed {', '.join(changed)}")


def check_other_random_streams_are_left_alone(under_test: TeacherUnderTest) -> None:
    """A teacher draws from the stream that it is given, which the checkpoint keeps, and from no other."""
    rows = next(under_test.lots())
    require_global_streams_stay(
        lambda: under_test.taught(rows),
        "a teacher must draw from `random` alone, {touched} moved; build a network under torch.random.fork_rng()",
    )


def check_network_is_left_alone(under_test: TeacherUnderTest) -> None:
    """The learning network keeps its weights and its mode, whichever that is, and records no gradients for lessons."""
    run, rows = SmallRun(under_test.device), next(under_test.lots())
    teacher, before = under_test.build(run), run.weights()
    for is_training in (True, False):
        run.network.train(is_training)
        teacher.teach(under_test.segment(), rows, np.random.default_rng(0))
        mode = "train" if is_training else "eval"
        require(run.model.training == is_training, f"teach must leave the network in {mode} mode, as it found it")
    changed = [name for name, tensor in run.weights().items() if not torch.equal(tensor, before[name])]
    require(not changed, f"teach must not change the network, it changed {changed}")
    require(not run.model.recorded_gradients, "teach must evaluate the network without gradients, got them")


def check_figures_are_finite(under_test: TeacherUnderTest) -> None:
    """Figures are finite numbers under names in lower case letters, digits and `_`, the same names every time."""
    told = [under_test.taught(rows).figures for rows in under_test.lots()]
    names = [sorted(figures) for figures in told]
    require(names[0] == names[1] == names[2], f"figures must have the same names each time, got {names}")
    wrong = {name: figure for figures in told for name, figure in figures.items() if not is_figure(name, figure)}
    require(not wrong, f"figures must be finite numbers under names like searched, got {wrong}")


TEACHER_CHECKS: Final[tuple[Check, ...]] = (
    check_columns_are_declared,
    check_weight_is_never_negative,
    check_targets_can_be_learned,
    check_share_is_a_share,
    check_losses_are_finite,
    check_rows_are_answered_in_their_order,
    check_same_stream_gives_same_lessons,
    check_segment_is_left_alone,
    check_other_random_streams_are_left_alone,
    check_network_is_left_alone,
    check_figures_are_finite,
)


def _parts(taught: Taught, positions: Positions) -> Iterator[tuple[Targets, Positions]]:
    """Yields targets with their positions: those of plies, those beside."""
    plies = taught.of_plies(np.arange(len(positions)))
    if plies is not None:
        yield plies, positions
    if taught.beside is not None:
        yield taught.beside.targets, taught.beside.positions


def _some_policy(positions: Positions) -> MovePolicy:
    """Returns a random policy over the legal moves of N positions; always the same for one N."""
    stream = torch.Generator().manual_seed(5)
    logits = torch.randn(len(positions), NUM_ACTIONS, generator=stream)
    return MovePolicy.of(logits, torch.from_numpy(legal_moves(positions)))


def _numbers(targets: Targets, policy: MovePolicy) -> list[NDArray[np.float32]]:
    """Returns all that targets come to: weights, values, and the policy's losses."""
    arrays = [array for array in (targets.weight, targets.value, targets.value_weight) if array is not None]
    counts = targets.weight > 0
    return arrays if targets.policy is None else [*arrays, targets.policy.loss(policy).numpy()[counts]]


def _equal(one: Positions, other: Positions) -> bool:
    return all(np.array_equal(array, other.arrays()[name]) for name, array in one.arrays().items())


def _arrays(segment: Segment) -> dict[str, NDArray[np.generic]]:
    """Returns every array of a segment by name."""
    fields = ("learned", "action", "ending", "cut_rows", "pasts")
    named: dict[str, NDArray[np.generic]] = {name: getattr(segment, name) for name in fields}
    for part in ("positions", "after"):
        named |= {f"{part}.{name}": array for name, array in getattr(segment, part).arrays().items()}
    return named | {f"columns.{name}": array for name, array in segment.columns.items()}
