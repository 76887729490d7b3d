"""The best chain of steps from one form to another: the one that loses least, then the shortest."""

from collections.abc import Mapping
from heapq import heappop, heappush
from typing import Final

import attrs

from keisei_core.errors import MigrationError, PluginError
from keisei_core.migration.form import Form
from keisei_core.migration.migrator import Migrator, Refusal, Step
from keisei_core.shown import shown

MOST_FORMS: Final = 1000
"""Forms looked at before it is clear that some migrator offers steps without end."""


@attrs.frozen(eq=False)
class Link:
    """A step of a chain and who takes it."""

    name: str
    migrator: Migrator
    step: Step


def loss_of(form: Form, step: Step) -> int:
    """Returns what a step loses: what it costs beyond a step that keeps the function, and each channel that it drops.

    Channels are counted here, whatever the step says it costs, since their weights are gone with them.
    """
    kept = {step.renamed.get(name, name) for name in form.channels or ()} & set(step.to.channels or ())
    dropped = 0 if form.channels is None or step.to.channels is None else len(form.channels) - len(kept)
    return max(1, step.cost) - 1 + dropped


def best_chain(start: Form, goal: Form, migrators: Mapping[str, Migrator]) -> tuple[Link, ...]:
    """Finds the chain that loses least, among equals one of fewest steps, then the one whose migrators come first.

    Raises:
        MigrationError: there is none; it holds every refusal on the way, and what nobody offered to change.
        PluginError: a migrator offers steps without end.
    """
    queue: list[tuple[int, int, int, Form, tuple[Link, ...]]] = [(0, 0, 0, start, ())]
    reached: set[Form] = set()
    refusals: dict[str, None] = {}
    num_queued = 1
    while queue:
        loss, length, _, form, chain = heappop(queue)
        if form == goal:
            return chain
        if form in reached:
            continue
        reached.add(form)
        for name, migrator in migrators.items():
            offer = migrator.offer(form)
            if isinstance(offer, Refusal):
                refusals[f"{name}: {offer.reason}"] = None
            elif offer is not None and offer.to not in reached:
                link = Link(name, migrator, offer)
                all_lost = loss + loss_of(form, offer)
                heappush(queue, (all_lost, length + 1, num_queued, offer.to, (*chain, link)))
                num_queued += 1
        if num_queued > MOST_FORMS:
            raise PluginError(f"migrators offer more than {MOST_FORMS} steps and no way to the goal; see {form}")
    raise MigrationError(tuple(refusals) or tuple(_unmet(reached, goal)))


def _unmet(reached: set[Form], goal: Form) -> list[str]:
    """Says what stays different in the form that came nearest, and what to do instead."""
    nearest = min(reached, key=lambda form: len(list(form.differences(goal))))
    lines = [f"{difference}: no installed migrator does that" for difference in nearest.differences(goal)]
    if nearest.model != goal.model:
        old = shown(nearest.model_name)
        lines.append(
            f"the numbers of a {old} mean nothing to a {goal.model_name}, but it can be taught: train "
            f'the {goal.model_name} by `keisei run` with [teaching] teachers = ["distill"] and [teaching.distill] '
            f'network = "PATH", the old run or checkpoint; or keep [model] name = "{old}"'
        )
    return lines
