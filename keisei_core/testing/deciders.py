"""What is asked of a decider.

Shape key: B games, A = 2,187 actions.
"""

from collections.abc import Callable
from typing import Any, Final

import attrs
import numpy as np
import torch
from numpy.typing import NDArray

from keisei_core.decide import Decider, DeciderContext, Decision, GamesView, Stages, has_stages, stages_of
from keisei_core.shogi import NUM_ACTIONS, Games, Starts
from keisei_core.testing.check import Check
from keisei_core.testing.columns import require_columns
from keisei_core.testing.contract_error import require
from keisei_core.testing.small_run import MAX_PLIES, NUM_GAMES, SmallRun, hard_games, short_games
from keisei_core.testing.streams import require_global_streams_stay
from keisei_core.testing.under_test import UnderTest

PARTS: Final = (slice(1), slice(2), slice(None))
"""Of the hard games: how many are decided together."""
CALLS: Final = 3
"""How often a decider is asked where its random stream matters."""


@attrs.frozen(kw_only=True)
class DeciderUnderTest(UnderTest):
    """A decider and where it is tried."""

    make: Callable[[DeciderContext], Decider]
    device: str = "cpu"

    def build(self, num_games: int) -> Decider:
        """Builds the decider for so many games."""
        return self.make(DeciderContext(num_games=num_games, device=torch.device(self.device)))

    def run(self) -> SmallRun:
        """Builds a network to decide with, always the same, as it stands while a run plays."""
        run = SmallRun(self.device)
        run.network.eval()
        return run


def check_columns_are_declared(under_test: DeciderUnderTest) -> None:
    """Columns are a tuple of `Column` with names of their own, the same in every object."""
    require_columns(under_test.build(NUM_GAMES), under_test.build(1))


def check_actions_are_legal(under_test: DeciderUnderTest) -> None:
    """One game or many, hard positions or ordinary ones, its turn or an opponent's: int32 [B], every action legal."""
    for rows in PARTS:
        games = hard_games(rows)
        actions: object = getattr(_decide(under_test, games), "action", None)
        got = f"{actions.dtype} {list(actions.shape)}" if isinstance(actions, np.ndarray) else type(actions).__name__
        require(got == f"int32 [{len(games)}]", f"decide must return actions, int32 [{len(games)}], got {got}")
        assert isinstance(actions, np.ndarray)
        _require_legal(actions, games.legal)


def check_columns_are_given(under_test: DeciderUnderTest) -> None:
    """A decision has every declared column, of its dtype and shape, without nan or inf."""
    for rows in PARTS:
        games = hard_games(rows)
        decision = _decide(under_test, games)
        for column in under_test.build(len(games)).columns:
            array: object = decision.columns.get(column.name)
            wanted = f"{column.dtype} {[len(games), *column.shape]}"
            got = f"{array.dtype} {list(array.shape)}" if isinstance(array, np.ndarray) else type(array).__name__
            require(got == wanted, f"the column {column.name} must be {wanted}, got {got}")
            finite = column.dtype.kind != "f" or bool(np.isfinite(array).all())  # type: ignore[call-overload]
            require(finite, f"the column {column.name} must be finite, got nan or inf")


def check_giving_up_is_told_by_game(under_test: DeciderUnderTest) -> None:
    """Where games may be given up, a decision says so of each: bool [B]; else None."""
    for rows in PARTS:
        games = hard_games(rows)
        told: object = _decide(under_test, games).gives_up
        got = f"{told.dtype} {list(told.shape)}" if isinstance(told, np.ndarray) else type(told).__name__
        good = told is None or got == f"bool [{len(games)}]"
        require(good, f"gives_up must be None or bool [{len(games)}], got {got}")


def check_stream_decides(under_test: DeciderUnderTest) -> None:
    """Two deciders with the same network, games and stream decide alike, call after call."""
    runs = [under_test.run() for _ in range(2)]
    deciders = [(under_test.build(len(hard_games())), run, run.stream(7)) for run in runs]
    for call in range(CALLS):
        one, other = (_ask(decider, hard_games(), run, stream) for decider, run, stream in deciders)
        _require_same(one, other, f"deciders with the same stream must decide alike, they differ at call {call}")


def check_nothing_is_remembered(under_test: DeciderUnderTest) -> None:
    """A resumed run builds its decider anew: one that has played decides like a fresh one."""
    run, games = under_test.run(), Games(NUM_GAMES, starts=Starts.standard())
    played = under_test.build(NUM_GAMES)
    for _ in range(CALLS):
        games.step(_ask(played, games, run, run.stream(1)).action)
    one, other = (_ask(decider, games, run, run.stream(2)) for decider in (played, under_test.build(NUM_GAMES)))
    advice = "draw on games, network and stream alone"
    _require_same(one, other, f"a decider that has played must decide like a fresh one, they differ; {advice}")


def check_decisions_in_turns_are_apart(under_test: DeciderUnderTest) -> None:
    """Two decisions of one decider that take turns, stage by stage, are those that it makes one after the other."""
    run, seeds = under_test.run(), (3, 4)
    decider = under_test.build(NUM_GAMES)
    if not has_stages(decider):
        return
    views = [_view(Games(NUM_GAMES, starts=Starts.standard(random_plies=8), seed=seed)) for seed in seeds]
    wanted = [
        under_test.build(NUM_GAMES).decide(view, run.evaluator, run.stream(seed))
        for view, seed in zip(views, seeds, strict=True)
    ]
    under_way = [
        stages_of(decider, view, run.evaluator, run.stream(seed)) for view, seed in zip(views, seeds, strict=True)
    ]
    for one, other in zip(wanted, _in_turns(under_way), strict=True):
        _require_same(one, other, "decisions that take turns must not mix; keep what a decision needs in its stages")


def check_games_are_left_alone(under_test: DeciderUnderTest) -> None:
    """Deciding reads the games and changes nothing in them."""
    games, before = hard_games(), hard_games()
    view = _view(games)
    run = under_test.run()
    under_test.build(len(games)).decide(view, run.evaluator, run.stream())
    require(np.array_equal(games.legal, before.legal), "decide must not change the mask of legal actions")
    require(np.array_equal(view.turns, _view(before).turns), "decide must not change turns")
    state = before.state()
    changed = [name for name, array in games.state().items() if not np.array_equal(array, state[name])]
    require(not changed, f"decide must not change games, it changed {changed}")


def check_other_random_streams_are_left_alone(under_test: DeciderUnderTest) -> None:
    """A decision draws from the stream that it is given, and from none that belongs to everybody."""
    advice = "draw from stream, or from numpy.random.default_rng of numbers drawn from it"
    require_global_streams_stay(
        lambda: _decide(under_test, hard_games()),
        f"a decider must leave everybody's random streams alone, {{touched}} moved; {advice}",
    )


def check_no_gradient_is_recorded(under_test: DeciderUnderTest) -> None:
    """The network is evaluated without its gradients, which would take twice the time and all the memory."""
    run = under_test.run()
    _ask(under_test.build(len(hard_games())), hard_games(), run, run.stream())
    advice = "ask the evaluator, or write with torch.inference_mode():"
    require(not run.model.recorded_gradients, f"the network must be run without gradients, got them; {advice}")


def check_network_is_left_alone(under_test: DeciderUnderTest) -> None:
    """Weights stay as they are, and the network in its eval mode."""
    run = under_test.run()
    before = run.weights()
    _ask(under_test.build(len(hard_games())), hard_games(), run, run.stream())
    require(not run.model.training, "decide must leave the network in eval mode, it is in train mode")
    changed = [name for name, tensor in run.weights().items() if not torch.equal(tensor, before[name])]
    require(not changed, f"decide must not change the network, it changed {changed}")


def check_whole_games(under_test: DeciderUnderTest) -> None:
    """One decider sees games through to their end, and others that begin in their place."""
    run, decider, games = under_test.run(), under_test.build(NUM_GAMES), short_games(seed=1)
    stream = run.stream()
    for _ in range(2 * MAX_PLIES + 1):
        actions = np.asarray(_ask(decider, games, run, stream).action)
        _require_legal(actions, games.legal)
        games.step(actions.astype(np.int32))


DECIDER_CHECKS: Final[tuple[Check, ...]] = (
    check_columns_are_declared,
    check_actions_are_legal,
    check_columns_are_given,
    check_giving_up_is_told_by_game,
    check_stream_decides,
    check_nothing_is_remembered,
    check_decisions_in_turns_are_apart,
    check_games_are_left_alone,
    check_other_random_streams_are_left_alone,
    check_no_gradient_is_recorded,
    check_network_is_left_alone,
    check_whole_games,
)


def _view(games: Games) -> GamesView:
    """Returns what a decider sees of games, every third of which is an opponent's turn."""
    view = GamesView(games)
    view.turns = np.arange(len(games)) % 3 != 1
    return view


def _ask(decider: Decider, games: Games, run: SmallRun, stream: torch.Generator) -> Decision:
    return decider.decide(_view(games), run.evaluator, stream)


def _decide(under_test: DeciderUnderTest, games: Games) -> Decision:
    """Asks a fresh decider."""
    run = under_test.run()
    return _ask(under_test.build(len(games)), games, run, run.stream())


def _in_turns(under_way: list[Stages]) -> list[Decision]:
    """Goes a stage further with each in turn until all are decided."""
    decisions: dict[int, Decision] = {}
    while len(decisions) < len(under_way):
        for number, stages in enumerate(under_way):
            try:
                next(stages)
            except StopIteration as end:
                decisions.setdefault(number, end.value)
    return [decisions[number] for number in range(len(under_way))]


def _require_legal(actions: NDArray[np.int32], legal: NDArray[np.uint8]) -> None:
    inside = (actions >= 0) & (actions < NUM_ACTIONS)
    good = inside & (legal[np.arange(len(legal)), np.where(inside, actions, 0)] == 1)
    for row in np.flatnonzero(~good)[:1]:
        require(False, f"every action must be legal, got {actions[row]} in game {row} of {len(legal)}")


def _require_same(one: Decision, other: Decision, complaint: str) -> None:
    require(np.array_equal(one.action, other.action), complaint)
    for name, array in one.columns.items():
        again: Any = other.columns[name]
        require(np.array_equal(array, again), f"{complaint}, in the column {name}")
