"""A checkpoint of an old run and what it becomes under new settings; nothing is written until `write`."""

from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError

from keisei_core.arena import NetworkPlayer, Score
from keisei_core.arena.trained_network import DESCRIPTION, TrainedNetwork, find_network
from keisei_core.arena.watcher import play_shown
from keisei_core.checkpoint import CheckpointStore
from keisei_core.checkpoint.manifest import TAKE_ANOTHER
from keisei_core.config.paths import is_named
from keisei_core.errors import CheckpointError, MigrationError
from keisei_core.evaluate import Evaluator
from keisei_core.migration import (
    BARE,
    Fidelity,
    Form,
    Migration,
    Networks,
    Snapshot,
    brought_up,
    fidelity,
    find_checkpoint,
    goal_of,
    migrate,
    read_snapshot,
    stored_channels,
    stored_form,
    value_differences,
)
from keisei_core.observe import PlaneContext
from keisei_core.observe.chosen import chosen_features
from keisei_core.plugins import Registry, Settings, load_registry
from keisei_core.plugins.provenance import file_digests
from keisei_core.precision import PrecisionPolicy, prepared
from keisei_core.run.device import choose_device
from keisei_core.run.environment import environment, files_of
from keisei_core.run.folder import RunFolder, disk_errors
from keisei_core.run.settled_precision import settled
from keisei_core.shown import shown
from keisei_core.succession.successor import Successor, successor

CPU: Final = torch.device("cpu")


class Heir:
    """The old checkpoint, the migrated one, and the players that both make."""

    def __init__(self, settings: Settings, source: Path, warnings: list[str], *, with_new_games: bool = False) -> None:
        """Reads the checkpoint.

        Args:
            settings: of the new run.
            source: a checkpoint folder, a run folder, whose newest good checkpoint is taken, an exported network, or a
                .safetensors file of weights alone.
            warnings: gets a line for every damaged checkpoint that was passed over.
            with_new_games: lets all games and random streams start anew.

        Raises:
            CheckpointError: there is none, or it is damaged.
        """
        self.policy: PrecisionPolicy = settings.precision.build(choose_device(settings.run))
        self.settings = settings = settled(settings, self.policy)
        self.with_new_games = with_new_games
        self.registry = load_registry()
        self.features = chosen_features(settings.features, PlaneContext(max_plies=settings.selfplay.max_plies))
        self.goal = goal_of(settings, self.features)
        self.path = find_checkpoint(source, warnings.append)
        self.start = read_start(self.path, self.goal, self.registry)
        self.differences = list(self.start.form.differences(self.goal))
        self.differences += value_differences(settings, self.present.state)

    @cached_property
    def present(self) -> Snapshot:
        """The old checkpoint in the present format, which says what its network's value stands on.

        Raises:
            MigrationError: no installed migrator brings it there.
        """
        return brought_up(self.start, self.registry)

    @cached_property
    def migration(self) -> Migration:
        """The steps, taken.

        Raises:
            MigrationError: some can't be taken; with all that would have to change, and why it can't.
        """
        channels = {channel.name: channel for channel in self.features.channels}
        prepare = partial(prepared, policy=self.policy)
        networks = Networks(self.registry, {**stored_channels(self.start.state), **channels}, prepare)
        try:
            self._require_same_value()
            return migrate(self.start, self.goal, networks, self.registry)
        except MigrationError as error:
            head = f"{self.path}: can't be brought to what the config asks for ({'; '.join(self.differences)})"
            raise MigrationError([head, *(f"  {reason}" for reason in error.reasons)]) from error

    def _require_same_value(self) -> None:
        """Refuses to let the value start from something else than what its head has learned to add to.

        Raises:
            MigrationError: the settings ask for that.
        """
        if value_differences(self.settings, self.present.state):
            value = self.present.state["config"]["value"]
            wanted = shown(", ".join(f"{key} = {value[key]}" for key in value))
            raise MigrationError([f"the value head has learned what to add to the material; keep [value] {wanted}"])

    @cached_property
    def successor(self) -> Successor:
        """The first checkpoint of the new run.

        Raises:
            CheckpointError: the old one's files are whole, but hold something else than a checkpoint's.
        """
        migration = self.migration
        try:
            return successor(migration, self.settings, self.features, with_new_games=self.with_new_games)
        except (AttributeError, LookupError, TypeError, SafetensorError) as error:
            reason = f"holds what is not a checkpoint ({type(error).__name__}: {error})"
            raise CheckpointError(self.path, reason, TAKE_ANOTHER) from error

    @property
    def changed_files(self) -> tuple[str, ...]:
        """Names of files of `--plugin` that are others than those the checkpoint was made with."""
        old = file_digests(self.start.state.get("plugins") or ())
        return tuple(file.name for file in files_of(self.settings) if old.get(file.name, file.sha256) != file.sha256)

    def fidelity(self) -> Fidelity:
        """Measures how far the migrated network is from the original; raises as `original` does."""
        original, migrated = self.original(), self.migrated()
        renamed = self.migration.renamed
        return fidelity(original.network, original.features, migrated.network, migrated.features, renamed)

    def match(self, num_games: int) -> Score:
        """Plays the migrated player against the original, under the new [evaluation]; raises as `original` does."""
        table = self.settings.evaluation
        device = choose_device(self.settings.run)
        first, second = (
            NetworkPlayer(found, temperature=table.temperature, seed=seed)
            for seed, found in enumerate((self.migrated(device), self.original(device)))
        )
        return play_shown(
            ("migrated", "original"),
            (first, second),
            num_games=num_games,
            max_plies=table.max_plies,
            opening_plies=table.opening_plies,
            seed=self.settings.run.seed,
        )

    def original(self, device: torch.device = CPU) -> Evaluator:
        """Builds the original network behind its own planes.

        Raises:
            KeiseiError: planes or network are not installed, or the checkpoint does not say what they are.
        """
        if not self.start.state.get("channels"):
            raise CheckpointError(self.path, "does not name its planes")
        network = TrainedNetwork(path=self.path, weights=self.start.weights, state=self.present.state)
        return network.evaluator(self.registry, device)

    def migrated(self, device: torch.device = CPU) -> Evaluator:
        """Builds the migrated network behind the new planes."""
        checkpoint = self.successor.checkpoint
        network = TrainedNetwork(path=self.path, weights=checkpoint.weights, state=checkpoint.state)
        return network.evaluator(self.registry, device)

    def write(self, run_dir: Path | None, report: dict[str, Any]) -> Path:
        """Writes a run folder that can be resumed; the old run stays as it is.

        Args:
            run_dir: does not exist yet; a dated one in runs/ if None.
            report: kept as migration.json.

        Returns:
            The run folder.

        Raises:
            RunFolderError: it can't be written.
        """
        checkpoint = self.successor.checkpoint
        folder = RunFolder.create(run_dir)
        try:
            with disk_errors(folder.path):
                store = CheckpointStore(folder.checkpoints, self.settings.checkpoint.keep)
                store.save(checkpoint.state["counters"]["update"], checkpoint)
                folder.keep_files(files_of(self.settings))
                folder.write_json(folder.path / "migration.json", report)
                folder.write_json(folder.environment, environment(self.settings, choose_device(self.settings.run)))
                # Last: a folder without a config is no run, and a config without a checkpoint would begin from nothing.
                folder.write_config(self.settings.to_document())
        finally:
            folder.close()
        return folder.path


def read_start(path: Path, goal: Form, registry: Registry) -> Snapshot:
    """Reads a checkpoint of any format, an exported network, or weights alone.

    Raises:
        CheckpointError: it is damaged, or does not say what it is of.
    """
    if not (is_named(path) or (path / DESCRIPTION).is_file()):
        return read_snapshot(path, goal, registry)
    exported = find_network(path)
    state = {key: exported.state[key] for key in ("channels", "config", "plugins")}
    return Snapshot(form=stored_form(BARE, state, registry), weights=exported.weights, optimizer={}, state=state)
