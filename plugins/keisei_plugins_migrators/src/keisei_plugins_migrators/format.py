"""Older formats to the present one, a version at a time; a later version adds its step here."""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs
import numpy as np
import safetensors.numpy

from keisei_core.config.moved import MOVED_FROM_PPO, TACTICS
from keisei_core.learn import between
from keisei_core.migration import Form, Migrated, MigrationContext, Refusal, Snapshot, Step


class FormatMigrator:
    """Rearranges what is stored; no tensor of the network changes."""

    def __init__(self, context: MigrationContext) -> None:
        self._goal = context.goal

    def offer(self, form: Form) -> Step | Refusal | None:
        """Offers the version after the checkpoint's; see `Migrator.offer`."""
        if form.format == self._goal.format:
            return None
        if form.format not in STEPS:
            return Refusal(f"format {form.format} is newer than {self._goal.format}, or unknown; upgrade keisei")
        version, summary, _ = STEPS[form.format]
        return Step(to=attrs.evolve(form, format=version), cost=1, summary=summary)

    def apply(self, snapshot: Snapshot, step: Step) -> Migrated:
        """Takes one version's step; see `Migrator.apply`."""
        rearranged, notes = STEPS[snapshot.form.format][2](snapshot)
        return Migrated(snapshot=attrs.evolve(rearranged, form=step.to), notes=notes)


Rearranged = tuple[Snapshot, tuple[str, ...]]


def bare_to_3(snapshot: Snapshot) -> Rearranged:
    """Takes weights alone for a checkpoint: everything else starts anew."""
    return snapshot, ("there are weights alone: optimiser, counters and games start anew",)


def from_1_to_2(snapshot: Snapshot) -> Rearranged:
    """Gives the one process that format 1 knew its own files."""
    own = {"pool": None, **{key: snapshot.state[key] for key in ("random", "records")}}
    state = {key: value for key, value in snapshot.state.items() if key not in own}
    rest = {"rank-0.safetensors": snapshot.rest["games.safetensors"], "rank-0.json": json.dumps(own).encode()}
    return attrs.evolve(snapshot, state=state, rest=rest), ()


def from_2_to_3(snapshot: Snapshot) -> Rearranged:
    """Takes `[ppo]` apart, lets the value start from the material, and names what each process keeps by its part.

    Format 2 learned from rewards with a material potential of a weight that moved from start to end: its value head
    says the result less that potential, so the weight of then is what the value starts from.
    """
    state = {**snapshot.state, "config": opened(snapshot.state.get("config", {}), snapshot.state.get("counters", {}))}
    rest = dict(snapshot.rest)
    for name in snapshot.rest:
        if found := re.fullmatch(r"rank-(\d+)\.json", name):
            rest[name] = json.dumps(_by_part(json.loads(rest[name]), int(found[1]))).encode()
        elif re.fullmatch(r"rank-\d+\.safetensors", name):
            arrays = safetensors.numpy.load(rest[name])
            rest[name] = safetensors.numpy.save({f"source.{key}": array for key, array in arrays.items()})
    value = state["config"].get("value", {})
    note = f"V is the result: the value starts from {value.get('material', 0):g} x the material's lead"
    return attrs.evolve(snapshot, state=state, rest=rest), (note,)


def _by_part(own: dict[str, Any], rank: int) -> dict[str, Any]:
    """Rearranges what one process keeps; where games start is drawn from a stream that format 2 did not have."""
    random = dict(own["random"])
    source = {"stream": random.pop("act"), "records": own["records"], "pool": own["pool"]}
    starts = {"random": np.random.default_rng(rank).bit_generator.state}
    return {"random": random, "source": source, "algorithm": {}, "starts": starts}


def opened(config: Mapping[str, Any], counters: Mapping[str, Any]) -> dict[str, Any]:
    """Moves the keys of `[ppo]` to where they stand.

    Args:
        config: the tables of format 2, those that a network needs at least.
        counters: how far the run had come, as far as that is told.
    """
    tables = {name: dict(table) for name, table in config.items() if name != "ppo"}
    ppo = dict(config.get("ppo", {}))
    if not ppo:
        return tables
    ppo["shaping"] = _potential_weight(ppo, config.get("run", {}), counters)
    for key, value in ppo.items():
        if key in MOVED_FROM_PPO:
            table, name = MOVED_FROM_PPO[key]
            tables.setdefault(table, {})[name] = value
    tables["algorithm"]["name"], tables["optimizer"]["name"] = "ppo", "adam"
    if "value_coefficient" in tables["algorithm"]:
        tables["algorithm"]["final_value_coefficient"] = tables["algorithm"]["value_coefficient"]
    tactics = tables.pop(TACTICS, {})
    if tactics.get("weight"):
        tactics["final_weight"] = tactics["weight"]
        tables["teaching"] = {"teachers": ["tactics"], "tactics": tactics}
    return tables


def _potential_weight(ppo: Mapping[str, Any], run: Mapping[str, Any], counters: Mapping[str, Any]) -> float:
    """Returns the potential's weight at the stage that the counters tell, that of the end where they don't."""
    start = float(ppo.get("shaping", DEFAULT_SHAPING))
    end = float(ppo.get("final_shaping", DEFAULT_SHAPING))
    shares = [counters.get(key, 0) / run[key] for key in ("plies", "games") if run.get(key)]
    return between(start, end, max(shares, default=1.0))


DEFAULT_SHAPING: Final = 0.5
"""Of format 2, where a config does not say."""

STEPS: Final[Mapping[int, tuple[int, str, Callable[[Snapshot], Rearranged]]]] = {
    0: (3, "weights alone become a checkpoint", bare_to_3),
    1: (2, "format 1 -> 2: each process has files of its own", from_1_to_2),
    2: (3, "format 2 -> 3: V is the result, [ppo] is taken apart", from_2_to_3),
}
"""For each version but the present one: the version it becomes, what is done, and what does it."""
