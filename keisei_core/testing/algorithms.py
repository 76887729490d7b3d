"""What is asked of an algorithm.

Shape key: T plies, B games, N = T * B plies of a segment.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from keisei_core.decide import Column, Decider, DeciderContext, PolicyDecider
from keisei_core.decide.column import missing_columns
from keisei_core.distribution import never
from keisei_core.errors import StoppedError
from keisei_core.experience import Segment
from keisei_core.learn import Algorithm, AlgorithmContext, Lecturer, MoveSets, Report, Targets, Taught
from keisei_core.shogi import legal_mask
from keisei_core.testing.check import Check
from keisei_core.testing.columns import require_columns
from keisei_core.testing.contract_error import ask_only_if, require
from keisei_core.testing.figures import is_figure
from keisei_core.testing.small_run import NUM_GAMES, SmallRun, Verdict, hard_games
from keisei_core.testing.under_test import UnderTest

NUM_UPDATES: Final = 10
RISE: Final = 0.1
"""By how much the probability of winning moves must rise in so many updates."""
SHARE_OF_ERROR: Final = 0.5
"""What may be left of V's squared error after so many updates."""
PROGRESS: Final = 0.5


@attrs.frozen(kw_only=True)
class AlgorithmUnderTest(UnderTest):
    """An algorithm and what its author says about it."""

    make: Callable[[AlgorithmContext], Algorithm]
    make_decider: Callable[[DeciderContext], Decider] = PolicyDecider
    """The target of the decider whose columns it asks for."""
    follows_results: bool = True
    """True where moves that win become more probable; False for one that learns the policy from something else."""
    learns_values: bool = True
    """True where V comes to the results of games; False for one that leaves it alone."""
    device: str = "cpu"

    def begin(self, teachers: Sequence[Lecturer] = ()) -> "Pupil":
        """Builds the algorithm in a small run of its own, always the same."""
        run = SmallRun(self.device, teachers=teachers)
        return Pupil(run, self.make(run.context), self)

    def decider(self, run: SmallRun, num_games: int) -> Decider:
        """Builds the decider that plays for it."""
        return self.make_decider(DeciderContext(num_games=num_games, device=run.device))


@attrs.frozen(eq=False)
class Pupil:
    """An algorithm in the run that it learns in."""

    run: SmallRun
    algorithm: Algorithm
    under_test: AlgorithmUnderTest

    def missing(self) -> list[str]:
        """Says what it asks for and the decider does not give."""
        return missing_columns(self.algorithm.columns, self.under_test.decider(self.run, NUM_GAMES).columns)

    def columns(self) -> tuple[Column, ...]:
        """Returns what is kept of each ply.

        Raises:
            ContractError: the decider does not give it.
        """
        missing = self.missing()
        require(not missing, "; ".join(f"the algorithm {problem}" for problem in missing))
        return self.algorithm.columns

    def segment(self, seed: int = 0) -> Segment:
        """Plays games."""
        decider = self.under_test.decider(self.run, NUM_GAMES)
        return self.run.play(decider, self.columns(), seed)

    def short_games(self, wins: Verdict, seed: int) -> Segment:
        """Plays games that one ply decides."""
        decider = self.under_test.decider(self.run, len(hard_games()))
        return self.run.play_once(decider, self.columns(), wins, seed)

    def learn(self, segment: Segment, stop: Callable[[], bool] = never) -> Report:
        """Makes one update as a run does; torch's global stream, which runs keep as well, begins the same each time."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.run.steps.begin(PROGRESS)
            report = self.algorithm.learn(segment, PROGRESS, stop)
            self.run.steps.end()
        return report

    def has_changed(self, before: dict[str, Tensor]) -> bool:
        """Tells whether a parameter is not what it was."""
        return not all(torch.equal(before[name], tensor) for name, tensor in self.run.weights().items())


def check_columns_are_declared(under_test: AlgorithmUnderTest) -> None:
    """Columns are a tuple of `Column` with names of their own, the same in every object, and the decider gives them."""
    pupil = under_test.begin()
    require_columns(pupil.algorithm, under_test.begin().algorithm)
    pupil.columns()


def check_network_changes(under_test: AlgorithmUnderTest) -> None:
    """An update changes the network and leaves all of it finite, whether games were won, cut off or are not over."""
    pupil = under_test.begin()
    before = pupil.run.weights()
    pupil.learn(pupil.segment())
    require(pupil.has_changed(before), "learn must change the network's parameters, they are as they were")
    wrong = [name for name, tensor in pupil.run.weights().items() if not tensor.isfinite().all()]
    require(not wrong, f"learn must leave parameters finite, got nan or inf in {wrong}")


def check_winning_moves_get_likelier(under_test: AlgorithmUnderTest) -> None:
    """Where a move decides the game, those that win are played more often after a few updates."""
    ask_only_if(under_test.follows_results, "follows_results = False")
    pupil = under_test.begin()
    shares = []
    for update in range(NUM_UPDATES + 1):
        segment = pupil.short_games(_is_even, update)
        shares.append(float((segment.reward > 0).mean()))
        pupil.learn(segment)
    rise = shares[-1] - shares[0]
    require(rise >= RISE, f"in {NUM_UPDATES} updates won games must rise by {RISE:.0%} of all, got {rise:.0%}")


def check_value_comes_to_the_result(under_test: AlgorithmUnderTest) -> None:
    """Where every move wins, V rises towards 1, and where every move loses, it falls towards -1."""
    ask_only_if(under_test.learns_values, "learns_values = False")
    for result in (1, -1):
        pupil, wins = under_test.begin(), _all if result > 0 else _none
        for update in range(NUM_UPDATES):
            pupil.learn(pupil.short_games(wins, update))
        error = float(np.square(pupil.run.evaluator.value(hard_games().positions) - result).mean())
        wanted = f"V's squared error must fall to {SHARE_OF_ERROR} or less in {NUM_UPDATES} updates"
        require(error <= SHARE_OF_ERROR, f"{wanted} where every game has the result {result}, got {error:.2f}")


def check_figures_are_finite(under_test: AlgorithmUnderTest) -> None:
    """The report has figures: finite numbers under names in lower case letters, digits and `_`."""
    pupil = under_test.begin()
    report: object = pupil.learn(pupil.segment())
    require(isinstance(report, Report), f"learn must return a keisei_core.learn.Report, got {type(report).__name__}")
    assert isinstance(report, Report)
    wrong = {name: value for name, value in report.figures.items() if not is_figure(name, value)}
    require(bool(report.figures), "the report must have figures, got none")
    require(not wrong, f"figures must be finite numbers under names like policy_loss, got {wrong}")


def check_steps_are_counted(under_test: AlgorithmUnderTest) -> None:
    """The report counts the steps that were taken, and the positions in their minibatches."""
    pupil, taken = under_test.begin(), [0]
    pupil.run.steps.optimizer.register_step_post_hook(lambda *_: taken.append(1))
    report = pupil.learn(pupil.segment())
    num_taken = sum(taken)
    require(report.num_steps == num_taken, f"the report must count {num_taken} steps, got {report.num_steps}")
    require(report.num_positions > 0, "the report must count the positions of its minibatches, got 0")


def check_same_seed_gives_the_same(under_test: AlgorithmUnderTest) -> None:
    """Two runs of the same seed have the same network and figures after an update, bit for bit."""
    one, other = under_test.begin(), under_test.begin()
    reports = [pupil.learn(pupil.segment()) for pupil in (one, other)]
    _require_same(one, other, reports, "runs of the same seed")


def check_segment_is_left_alone(under_test: AlgorithmUnderTest) -> None:
    """Learning reads the segment and changes nothing in it."""
    pupil = under_test.begin()
    segment = pupil.segment()
    before = {name: array.copy() for name, array in _arrays(segment).items()}
    pupil.learn(segment)
    changed = [name for name, array in _arrays(segment).items() if not np.array_equal(array, before[name])]
    require(not changed, f"learn must not change the segment, it changed {changed}")


def check_state_is_arrays_and_plain_data(under_test: AlgorithmUnderTest) -> None:
    """The state goes into a checkpoint: numpy arrays under names, and data that is the same after JSON."""
    pupil = under_test.begin()
    pupil.learn(pupil.segment())
    arrays, data = pupil.algorithm.state()
    wrong = {name: type(array).__name__ for name, array in arrays.items() if not _is_plain_array(name, array)}
    require(not wrong, f"state must give numpy arrays of numbers under names, got {wrong}")
    try:
        again = json.loads(json.dumps(data))
    except (TypeError, ValueError) as error:
        again = error
    require(isinstance(data, dict) and again == data, f"state must give data that JSON keeps, got {data} and {again}")


def check_state_round_trip(under_test: AlgorithmUnderTest) -> None:
    """An algorithm that takes over another's state goes on exactly like it."""
    one, other = under_test.begin(), under_test.begin()
    one.learn(one.segment())
    arrays, data = one.algorithm.state()
    other.run.take_over(one.run)
    other.algorithm.load_state({name: np.array(array) for name, array in arrays.items()}, _through_json(data))
    reports = [pupil.learn(pupil.segment(seed=1)) for pupil in (one, other)]
    _require_same(one, other, reports, "an algorithm and one that took over its state")


def check_stop_is_asked(under_test: AlgorithmUnderTest) -> None:
    """A run that is asked to stop leaves the update before its next step: `StoppedError` comes through."""
    pupil = under_test.begin()
    segment, before = pupil.segment(), pupil.run.weights()
    try:
        pupil.learn(segment, lambda: True)
    except StoppedError:
        require(not pupil.has_changed(before), "learn must ask whether to stop before each step, it took one first")
        return
    require(False, "learn must pass stop on to steps.agree and let StoppedError through, it came to its end")


def check_lessons_reach_the_step(under_test: AlgorithmUnderTest) -> None:
    """What a teacher says is learned along, and its figures are told."""
    alone, taught = under_test.begin(), under_test.begin([Lecturer("toy", "the test kit", LowestMove())])
    for pupil in (alone, taught):
        report = pupil.learn(pupil.segment())
    require("toy_share" in report.figures, f"figures of teachers must be told, got {sorted(report.figures)}")
    share, other_share = (_taught_share(pupil) for pupil in (taught, alone))
    advice = "learn from batches.epochs, by steps.agree and steps.take"
    require(share > other_share, f"taught moves must get likelier, got {share:.3g}, else {other_share:.3g}; {advice}")


def check_minibatch_of_nan_is_left(under_test: AlgorithmUnderTest) -> None:
    """A minibatch whose loss is nan is counted as skipped, and the next one comes."""
    pupil = under_test.begin()
    segment = pupil.segment()
    pupil.learn(segment)
    before = pupil.run.weights()
    pupil.run.model.is_spoiled = True
    report = pupil.learn(segment)
    require(report.num_skipped > 0, "the report must count minibatches of nan as skipped, got none")
    require(report.num_steps == 0 and not pupil.has_changed(before), "minibatches of nan must give no step, got one")


def check_plies_of_opponents_are_left_out(under_test: AlgorithmUnderTest) -> None:
    """Plies that an opponent from the pool chose are not learned from: a segment of theirs alone gives no step."""
    pupil = under_test.begin()
    segment, before = pupil.segment(), pupil.run.weights()
    report = pupil.learn(attrs.evolve(segment, learned=np.zeros_like(segment.learned)))
    unmoved = report.num_steps == 0 and not pupil.has_changed(before)
    require(unmoved, f"a segment that opponents played must give no step, got {report.num_steps}")


ALGORITHM_CHECKS: Final[tuple[Check, ...]] = (
    check_columns_are_declared,
    check_network_changes,
    check_winning_moves_get_likelier,
    check_value_comes_to_the_result,
    check_figures_are_finite,
    check_steps_are_counted,
    check_same_seed_gives_the_same,
    check_segment_is_left_alone,
    check_state_is_arrays_and_plain_data,
    check_state_round_trip,
    check_stop_is_asked,
    check_lessons_reach_the_step,
    check_minibatch_of_nan_is_left,
    check_plies_of_opponents_are_left_out,
)


class LowestMove:
    """Teaches the legal action with the lowest number."""

    columns: tuple[Column, ...] = ()

    def weight(self, progress: float) -> float:
        """Teaches all the time."""
        return 10.0

    def teach(self, segment: Segment, rows: NDArray[np.int64], random: np.random.Generator) -> Taught:
        """Teaches in every ply."""
        sets = MoveSets.of(_lowest(legal_mask(segment.positions[rows])))
        return Taught(plies=Targets(weight=np.ones(len(rows), np.float32), policy=sets))


def _lowest(legal: NDArray[np.uint8]) -> NDArray[np.bool_]:
    lowest = np.zeros(legal.shape, np.bool_)
    lowest[np.arange(len(legal)), legal.argmax(axis=1)] = True
    return lowest


def _taught_share(pupil: Pupil) -> float:
    """Returns the mean probability of what `LowestMove` teaches, in positions of all kinds."""
    games = hard_games()
    log_probs, _ = pupil.run.evaluator.policy_and_value(games.positions, games.legal)
    return float(log_probs.exp().cpu().numpy()[_lowest(games.legal)].mean())


def _is_even(action: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.equal(action % 2, 0)


def _all(action: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.ones(len(action), np.bool_)


def _none(action: NDArray[np.int32]) -> NDArray[np.bool_]:
    return np.zeros(len(action), np.bool_)


def _is_plain_array(name: object, array: object) -> bool:
    return isinstance(name, str) and isinstance(array, np.ndarray) and array.dtype.kind in "biuf"


def _through_json(data: dict[str, Any]) -> dict[str, Any]:
    """Returns data as a checkpoint gives it back; data that JSON does not take is another check's business."""
    try:
        read: dict[str, Any] = json.loads(json.dumps(data))
    except (TypeError, ValueError):
        return data
    return read


def _arrays(segment: Segment) -> dict[str, NDArray[Any]]:
    """Returns all arrays of a segment by name."""
    found: dict[str, NDArray[Any]] = {f"column {name}": array for name, array in segment.columns.items()}
    for field in attrs.fields(Segment):
        value = getattr(segment, field.name)
        if isinstance(value, np.ndarray):
            found[field.name] = value
        elif hasattr(value, "arrays"):
            found |= {f"{field.name}.{name}": array for name, array in value.arrays().items()}
    return found


def _require_same(one: Pupil, other: Pupil, reports: list[Report], whose: str) -> None:
    require(not one.has_changed(other.run.weights()), f"{whose} must come to the same network, they differ")
    figures = [repr(report.figures) for report in reports]  # in which nan is nan
    require(figures[0] == figures[1], f"{whose} must report the same, got {figures[0]} and {figures[1]}")
