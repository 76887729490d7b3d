"""The best chain of steps, and what is said where there is none."""

from collections.abc import Callable

import attrs
import pytest

from keisei_core.errors import MigrationError, PluginError
from keisei_core.migration import Form, Migrated, Refusal, Snapshot, Step, best_chain

START = Form(format=1, model="a:net", options={"x": 0, "y": 0}, channels=("p",))


class Offers:
    """A migrator that offers what a function says."""

    def __init__(self, offer: Callable[[Form], Step | Refusal | None]) -> None:
        self.offer = offer

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        return Migrated(snapshot=attrs.evolve(snapshot, form=step.to))


def setting(key: str, value: int, *, cost: int = 1, needs: dict[str, int] | None = None) -> Offers:
    """Offers to set an option where others have these values."""

    def offer(form: Form) -> Step | None:
        if form.option(key) == value or any(form.option(other) != wanted for other, wanted in (needs or {}).items()):
            return None
        return Step(to=form.with_option(key, value), cost=cost, summary=f"{key} = {value}")

    return Offers(offer)


def names(goal: Form, **migrators: Offers) -> list[str]:
    return [link.name for link in best_chain(START, goal, migrators)]


GOAL = START.with_option("x", 2).with_option("y", 1)


def test_nothing_to_do_is_an_empty_chain() -> None:
    assert names(START, x=setting("x", 2)) == []


def test_migrators_compose() -> None:
    assert names(GOAL, x=setting("x", 2), y=setting("y", 1)) == ["x", "y"]


def test_step_that_another_makes_possible_comes_after_it() -> None:
    assert names(GOAL, x=setting("x", 2, needs={"y": 1}), y=setting("y", 1)) == ["y", "x"]


def test_two_steps_that_lose_nothing_beat_one_that_loses_a_little() -> None:
    by_one = {"one": setting("x", 1), "two": setting("x", 2, needs={"x": 1})}
    goal = START.with_option("x", 2)

    assert names(goal, dear=setting("x", 2, cost=2), **by_one) == ["one", "two"]
    assert names(goal, one_step=setting("x", 2), **by_one) == ["one_step"]


def called(*channels: str, renamed: dict[str, str] | None = None, cost: int = 1) -> Offers:
    """Offers to go on with these channels at once."""

    def offer(form: Form) -> Step | None:
        to = attrs.evolve(form, channels=channels)
        return None if to == form else Step(to=to, cost=cost, summary="channels", renamed=renamed or {})

    return Offers(offer)


def test_step_that_renames_a_channel_beats_one_that_drops_it() -> None:
    goal = attrs.evolve(START, channels=("q",))

    assert names(goal, by_name=called("q"), rename=called("q", renamed={"p": "q"})) == ["rename"]
    assert names(goal, by_name=called("q"), believed=called("q", renamed={"p": "q"}, cost=3)) == ["by_name"]


def test_long_chain_that_renames_beats_a_step_that_drops() -> None:
    goal = attrs.evolve(GOAL, channels=("q",))

    def rename(form: Form) -> Step | None:
        is_ready = form.option("x") == 2 and form.channels == ("p",)
        to = attrs.evolve(form, channels=("q",))
        return Step(to=to, cost=1, summary="p is called q", renamed={"p": "q"}) if is_ready else None

    def drop(form: Form) -> Step | None:
        return None if form == goal else Step(to=goal, cost=1, summary="all at once")

    at_once, x, y = Offers(drop), setting("x", 2), setting("y", 1)
    assert names(goal, at_once=at_once, x=x, y=y, rename=Offers(rename)) == ["x", "y", "rename"]
    assert names(goal, at_once=at_once, x=x, y=y) == ["at_once"]


def test_of_equals_the_first_named_goes_first() -> None:
    assert names(GOAL, y=setting("y", 1), x=setting("x", 2)) == ["y", "x"]


def test_every_refusal_on_the_way_is_told_once() -> None:
    narrow = Offers(lambda _: Refusal("too narrow"))

    with pytest.raises(MigrationError) as refused:
        names(GOAL, x=setting("x", 2), narrow=narrow)

    assert refused.value.reasons == ("narrow: too narrow",)


def test_what_nobody_offers_is_told_from_the_nearest_form() -> None:
    with pytest.raises(MigrationError) as refused:
        names(GOAL, x=setting("x", 2))

    assert refused.value.reasons == ("model.y 0 -> 1: no installed migrator does that",)


def test_another_model_is_refused_with_what_to_do() -> None:
    with pytest.raises(MigrationError, match=r'train the other by .* \["distill"\] .* or keep \[model\] name = "net"'):
        names(attrs.evolve(START, model="a:other"))


def test_steps_without_end_are_a_fault_of_the_plugin() -> None:
    endless = Offers(lambda form: Step(to=form.with_option("x", form.option("x") - 1), cost=1, summary="less"))

    with pytest.raises(PluginError, match="offer more than 1000 steps"):
        names(GOAL, endless=endless)


def test_cost_of_nothing_counts_as_one_so_that_there_is_no_loop_for_free() -> None:
    there, back = setting("x", 1, cost=0), setting("x", 0, cost=0)

    assert names(START.with_option("x", 1), there=there, back=back) == ["there"]
