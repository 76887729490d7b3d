"""The checkpoint that a new run starts with: a migrated network and its moments, and what else of the old run fits."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import attrs
import safetensors.torch
import torch
from torch import Tensor

from keisei_core.checkpoint import NOT_FINITE, Checkpoint, RankState, not_finite_buffers
from keisei_core.checkpoint.serial import AVERAGE, POOL, rank_files, rank_from_bytes
from keisei_core.config.structure import unstructure
from keisei_core.config.tables import CORE_TABLES
from keisei_core.distribution import Single
from keisei_core.migration import Migration
from keisei_core.observe import FeatureSet
from keisei_core.plugins import Settings
from keisei_core.run.device import choose_device
from keisei_core.run.environment import plugin_table, stored_reference, versions
from keisei_core.run.metrics import Counters
from keisei_core.run.training import Training
from keisei_core.run.training_state import AHEAD

NOT_OF_GAMES: Final = {
    "selfplay": {"rollout_plies", "pool_every_updates"},
    "tracking": {"trackers"},
    "distribution": set[str](),
    "run": {"plies", "games", "minutes", "threads", "lag", "compile", "callbacks"},
}
"""The tables that the games in progress and the random streams depend on, but for these keys of them."""
ANEW: Final = "games in progress and random streams start anew"


@attrs.frozen(eq=False, kw_only=True)
class Successor:
    """A checkpoint for a new run, and what it says of the old one's state."""

    checkpoint: Checkpoint
    notes: tuple[str, ...]
    """What else than the network is kept or starts anew, a line each."""


def successor(
    migration: Migration, settings: Settings, features: FeatureSet, *, with_new_games: bool = False
) -> Successor:
    """Builds the first checkpoint of a run with these settings.

    Counters go on; updates are counted again where they have another number of plies. Games in progress and random
    streams go on where nothing is another that they depend on; otherwise every process starts its games anew.

    Args:
        migration: brought the old checkpoint to the form of the settings.
        settings: of the new run.
        features: the planes that the settings name.
        with_new_games: lets every process start its games and random streams anew in any case.
    """
    old, document = migration.end.state, settings.to_document()
    counters = _counters(old, document)
    precision, precision_note = _precision(old, settings)
    optimizer, optimizer_note = _optimizer(migration, settings)
    ranks, games_note = _ranks(migration, settings, with_new_games)
    ranks, algorithm_note = _own_algorithm(ranks, old, settings)
    ranks, ahead_note = _without_ahead(ranks)
    pool_updates, pool = _pool(migration, settings, len(ranks) > 0)
    state = {
        "best": None,
        "counters": attrs.asdict(counters),
        "channels": [attrs.asdict(channel) for channel in features.channels],
        "config": document,
        "plugins": plugin_table(settings),
        NOT_FINITE: _not_finite(settings, features),
        "pool_updates": pool_updates,
        "precision": precision,
        "skipped_in_a_row": old.get("skipped_in_a_row", 0),
        "versions": versions(),
    }
    checkpoint = Checkpoint(
        weights=migration.end.weights,
        average=_average(migration, settings),
        optimizer=optimizer,
        pool=pool,
        ranks=ranks,
        state=state,
    )
    progress = f"update {counters.update}, {counters.plies:,} of {settings.run.plies:,} plies played"
    if counters.plies >= settings.run.plies:
        progress += "; raise run.plies to train on"
    notes = (progress, optimizer_note, algorithm_note, precision_note, games_note, ahead_note)
    return Successor(checkpoint=checkpoint, notes=tuple(filter(None, notes)))


def _not_finite(settings: Settings, features: FeatureSet) -> dict[str, list[int]]:
    """Returns which buffers of the new run's network hold nan or inf from the start."""
    with torch.random.fork_rng(devices=[]):
        return not_finite_buffers(settings.model.build(features.channels))


def _counters(old: Mapping[str, Any], document: Mapping[str, Any]) -> Counters:
    """Returns the counters, updates counted in the new run's size."""
    counters = Counters(**old.get("counters", {}))
    before = old.get("config", {}).get("selfplay", {})
    table = document["selfplay"]
    if counters.plies and any(before.get(key) != table[key] for key in ("games", "rollout_plies")):
        counters.update = counters.plies // (table["games"] * table["rollout_plies"])
    return counters


def _precision(old: Mapping[str, Any], settings: Settings) -> tuple[Mapping[str, float], str]:
    """Returns the precision policy's state, e.g. a loss scale."""
    before, after = stored_reference(old, "precision"), settings.precision.reference
    fresh: Mapping[str, float] = settings.precision.build(choose_device(settings.run)).state_dict()
    # One name may stand for another policy on another device.
    if before == after and old.get("precision", {}).keys() == fresh.keys():
        return old.get("precision", {}), ""
    return fresh, f"precision {before} -> {after}: its state starts anew" if "precision" in old else ""


def _optimizer(migration: Migration, settings: Settings) -> tuple[dict[str, Tensor], str]:
    """Returns the optimiser's state, nothing where the new run has another one."""
    before, after = stored_reference(migration.end.state, "optimizer"), settings.optimizer.reference
    if before == after or not migration.end.optimizer:
        return migration.end.optimizer, ""
    return {}, f"optimizer {before} -> {after}: its state starts anew"


def _ranks(migration: Migration, settings: Settings, with_new_games: bool) -> tuple[tuple[RankState, ...], str]:
    """Returns what each process has for itself, none where it starts anew."""
    rest, config = migration.end.rest, migration.end.state.get("config", {})
    changed = list(_changed_games(config, settings.to_document()))
    if changed or with_new_games or rank_files(0)[0] not in rest:
        return (), f"{ANEW}{f': {changed[0]}' if changed else ''}"
    ranks: list[RankState] = []
    while rank_files(len(ranks))[0] in rest:
        ranks.append(rank_from_bytes(*(rest[name] for name in rank_files(len(ranks)))))
    kept, needed = _kept_history(ranks[0]), _needed_history(settings)
    if kept < needed:
        return (), f"{ANEW}: the run needs {needed} earlier positions, not {kept}"
    return tuple(ranks), "games in progress and random streams go on"


def _own_algorithm(
    ranks: tuple[RankState, ...], old: Mapping[str, Any], settings: Settings
) -> tuple[tuple[RankState, ...], str]:
    """Returns the processes without the state of the algorithm where the new run has another one."""
    before, after = stored_reference(old, "algorithm"), settings.algorithm.reference
    if before == after or not ranks:
        return ranks, ""
    note = f"algorithm {before} -> {after}: its state starts anew"
    return tuple(_without(own, "algorithm") for own in ranks), note


def _without_ahead(ranks: tuple[RankState, ...]) -> tuple[tuple[RankState, ...], str]:
    """Returns the processes without segments played ahead, which may lack what another algorithm asks for."""
    held = sum(len(own.state[AHEAD]["segments"]) for own in ranks if AHEAD in own.state)
    note = f"segments played ahead are dropped: {held}" if held else ""
    return tuple(_without(own, AHEAD) for own in ranks), note


def _without(own: RankState, part: str) -> RankState:
    arrays = {name: array for name, array in own.arrays.items() if not name.startswith(f"{part}.")}
    return RankState(arrays=arrays, state={name: data for name, data in own.state.items() if name != part})


def _kept_history(own: RankState) -> int:
    """Returns how many earlier positions the games of a process have beside each."""
    history = own.arrays.get("source.positions.history")
    return 0 if history is None else history.shape[1]


def _needed_history(settings: Settings) -> int:
    """Returns how many earlier positions the games of the new run will have beside each.

    Planes, decider, algorithm and teachers say so once they are built, so the run is asked.
    """
    run = attrs.evolve(settings.run, compile=False)
    alone = Single(choose_device(run))
    return Training(attrs.evolve(settings, run=run), alone).source.games.positions.num_earlier


def _changed_games(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yields the keys of the games that differ."""
    for table, others in NOT_OF_GAMES.items():
        # A key that the old config did not have yet stood at its default.
        defaults = unstructure(CORE_TABLES[table]()) if table in CORE_TABLES else {}
        before, after = {**defaults, **old.get(table, {})}, new[table]
        for key in sorted({*before, *after} - others):
            if before.get(key) != after.get(key) and not isinstance(after.get(key, before.get(key)), Mapping):
                yield f"[{table}] {key} {before.get(key)} -> {after.get(key)}"


def _average(migration: Migration, settings: Settings) -> dict[str, Tensor]:
    """Takes the average of the weights through the same steps; without one, that of the new run begins anew."""
    rest = migration.end.rest
    if not settings.learning.averaging or AVERAGE not in rest:
        return {}
    return migration.follow(safetensors.torch.load(rest[AVERAGE]))


def _pool(migration: Migration, settings: Settings, with_games: bool) -> tuple[list[int], dict[str, Tensor]]:
    """Takes the networks of earlier opponents through the same steps.

    Args:
        migration: of the network.
        settings: of the new run.
        with_games: whether the games in progress go on, which know their opponents by slot: else the newest are taken.

    Returns:
        After which update each was taken, and their weights, named `<slot>:<parameter>`.
    """
    table, rest = settings.selfplay, migration.end.rest
    updates: list[int] = migration.end.state.get("pool_updates", [])
    if not table.pool_share or POOL not in rest:
        return [], {}
    stored = safetensors.torch.load(rest[POOL])
    slots = list(range(len(updates)))
    if not with_games:
        slots = sorted(slots, key=updates.__getitem__)[-table.pool_size :]
    pool: dict[str, Tensor] = {}
    for slot, old_slot in enumerate(slots):
        own = {key.partition(":")[2]: tensor for key, tensor in stored.items() if key.startswith(f"{old_slot}:")}
        pool |= {f"{slot}:{name}": tensor for name, tensor in migration.follow(own).items()}
    return [updates[slot] for slot in slots], pool
