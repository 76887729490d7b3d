"""What a decider may not return, and who is told of it."""

import numpy as np
import pytest
import torch

from keisei_core.decide import Column, Decision
from keisei_core.errors import DivergedError, PluginError
from keisei_core.experience import Lockstep
from keisei_core.shogi import Games

NUM_GAMES = 4
VISITS, ROOT_VALUE = Column("visits", np.int16, (2,)), Column("root_value", np.float32)


class Scripted:
    """Plays the first legal move of every game, with something wrong about it."""

    columns = (VISITS, ROOT_VALUE)

    def __init__(self, **changes: object) -> None:
        self.changes = changes

    def decide(self, games, evaluator, stream):
        action = games.legal.argmax(axis=1).astype(np.int32)
        columns = {"visits": np.ones((len(games), 2), np.int16), "root_value": np.zeros(len(games), np.float32)}
        if "action" in self.changes:
            action = self.changes["action"](action)
        for name in columns.keys() & self.changes.keys():
            columns[name] = self.changes[name]
        return Decision(action=action, columns={name: x for name, x in columns.items() if x is not None})


class WithoutYield(Scripted):
    """Has stages that are no generator."""

    def stages(self, games, evaluator, stream):
        return self.changes.get("stages") or self.decide(games, evaluator, stream)


class Idle:
    """Stands in for an evaluator that nobody asks."""

    network = torch.nn.Identity()

    def watch(self):
        """Has nothing to look out for."""

    def require_values(self):
        """Finds nothing wrong."""

    def require_logits(self):
        """Finds nothing wrong."""


class Nan(Idle):
    """Stands in for an evaluator whose network gave nan."""

    def require_logits(self):
        raise DivergedError("nan or inf in logits")


def play(decider: Scripted, *kept: Column) -> Lockstep:
    games = Games(NUM_GAMES, seed=1)
    owner = "'scripted' of keisei-plugins-scripted 1.2.3"
    source = Lockstep(games, decider, Idle(), torch.Generator(), num_plies=3, columns=kept, owner=owner)
    source.next()
    return source


def replaced(row: int, action: int):
    def change(actions: np.ndarray) -> np.ndarray:
        actions[row] = action
        return actions

    return change


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"action": replaced(2, 2186)}, "legal actions, got 2186 in game 2"),
        ({"action": replaced(1, -1)}, "legal actions, got -1 in game 1"),
        ({"action": replaced(0, 2187)}, "legal actions, got 2187 in game 0"),
        ({"action": lambda actions: actions[:-1]}, "actions, int32 [4], got int32 [3]"),
        ({"action": lambda actions: actions[:, None]}, "actions, int32 [4], got int32 [4, 1]"),
        ({"action": lambda actions: actions.astype(float)}, "actions, int32 [4], got float64 [4]"),
        ({"visits": [1, 1]}, "the column visits, int16 [4, 2], got list"),
        ({"visits": None}, "the column visits, int16 [4, 2], got nothing"),
        ({"visits": np.ones((4, 3), np.int16)}, "the column visits, int16 [4, 2], got int16 [4, 3]"),
        ({"visits": np.ones((4, 2), np.int32)}, "the column visits, int16 [4, 2], got int32 [4, 2]"),
        ({"root_value": np.zeros((4, 1), np.float32)}, "the column root_value, float32 [4], got float32 [4, 1]"),
    ],
)
@pytest.mark.parametrize("kept", [(), (VISITS, ROOT_VALUE)], ids=["none-kept", "all-kept"])
def test_decision_that_can_not_be_played_or_kept_is_the_deciders_fault(changes, told, kept):
    with pytest.raises(PluginError) as caught:
        play(Scripted(**changes), *kept)

    assert str(caught.value) == f"decider 'scripted' of keisei-plugins-scripted 1.2.3 must return {told}"


class Silent(Scripted):
    """Looks at the games and returns nothing."""

    def decide(self, games, evaluator, stream):
        super().decide(games, evaluator, stream)


class SilentInStages(Scripted):
    """Says twice that the device is at work, and returns nothing."""

    def stages(self, games, evaluator, stream):
        yield
        yield


@pytest.mark.parametrize("in_halves", [False, True])
@pytest.mark.parametrize("decider", [Silent(), SilentInStages()], ids=["decide", "stages"])
def test_decider_that_returns_nothing_is_told_so(decider, in_halves):
    source = Lockstep(
        Games(NUM_GAMES), decider, Idle(), torch.Generator(), num_plies=3, columns=(), in_halves=in_halves
    )

    with pytest.raises(PluginError, match=f"^decider {type(decider).__name__} must return a Decision, got NoneType$"):
        source.next()


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_column_that_is_not_finite_is_the_deciders_fault_where_the_network_is_finite(value):
    wrong = np.zeros(NUM_GAMES, np.float32)
    wrong[3] = value

    with pytest.raises(PluginError) as caught:
        play(Scripted(root_value=wrong, action=replaced(0, -1)))

    told = "must give finite numbers, got nan or inf in root_value where the network's outputs are finite"
    assert str(caught.value) == f"decider 'scripted' of keisei-plugins-scripted 1.2.3 {told}"


@pytest.mark.parametrize(
    "changes", [{"root_value": np.full(NUM_GAMES, np.nan, np.float32)}, {"action": replaced(0, -1)}]
)
def test_decision_made_of_nan_of_the_network_is_told_as_divergence(changes):
    source = Lockstep(Games(NUM_GAMES), Scripted(**changes), Nan(), torch.Generator(), num_plies=1, columns=())

    with pytest.raises(DivergedError, match="nan or inf in logits"):
        source.next()


def test_refused_decision_leaves_the_games_where_they_were():
    games = Games(NUM_GAMES, seed=1)
    before = {name: array.copy() for name, array in games.state().items()}
    decider = Scripted(action=replaced(3, -1))
    source = Lockstep(games, decider, Idle(), torch.Generator(), num_plies=3, columns=())

    with pytest.raises(PluginError, match="decider Scripted must return legal actions"):
        source.next()

    after = games.state()
    assert before.keys() == after.keys()
    for name, array in before.items():
        np.testing.assert_array_equal(after[name], array)


def test_only_columns_that_are_asked_for_are_kept():
    source = Lockstep(Games(NUM_GAMES, seed=1), Scripted(), Idle(), torch.Generator(), num_plies=3, columns=(VISITS,))

    segment, _ = source.next()

    assert {name: array.tolist() for name, array in segment.columns.items()} == {"visits": [[[1, 1]] * NUM_GAMES] * 3}


def test_column_that_the_decider_does_not_give_stays_at_its_default():
    is_drawn = Column("is_drawn", np.bool_, default=True)
    games = Games(NUM_GAMES, seed=1)
    source = Lockstep(games, Scripted(), Idle(), torch.Generator(), num_plies=3, columns=[VISITS, is_drawn])
    segment, _ = source.next()

    assert segment.columns["is_drawn"].all()
    assert (segment.columns["visits"] == 1).all()


def test_stages_without_a_yield_decide_at_once():
    play(WithoutYield())


def test_stages_that_are_neither_a_generator_nor_a_decision_are_the_deciders_fault():
    with pytest.raises(PluginError, match="must return a Decision, got int"):
        play(WithoutYield(stages=3))
