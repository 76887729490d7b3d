"""What is measured: a config, or a checkpoint with the config it was trained with."""

from collections.abc import Sequence

import attrs
import torch

from keisei_core.arena import NetworkPlayer
from keisei_core.arena.trained_network import TrainedNetwork, find_network
from keisei_core.config import home_path
from keisei_core.config.document import Document, Override, read_toml
from keisei_core.distribution import Single
from keisei_core.plugins import Choice, Kind, Registry, Settings
from keisei_core.plugins.provenance import described_plugins, made_with, with_own_files
from keisei_core.plugins.reading import Reading
from keisei_core.run import Training
from keisei_core.run.device import choose_device, use_threads
from keisei_core.run.memory import keep_freed_memory


@attrs.frozen(kw_only=True)
class Subject:
    """One config, with weights or without."""

    text: str
    """As the user named it."""
    settings: Settings
    network: TrainedNetwork | None

    @classmethod
    def find(cls, text: str, overrides: Sequence[Override], registry: Registry) -> "Subject":
        """Reads a config file (*.toml), or the config of a run, a checkpoint or an exported network.

        Distribution is set to a single process, and an update to go through all its epochs.

        Raises:
            ConfigError, CheckpointError, PluginError: it can't be read, or a plugin it needs is missing.
        """
        path = home_path(text)
        network = None if path.suffix == ".toml" and not path.is_dir() else find_network(path)
        tables = read_toml(path) if network is None else network.state["config"]
        source = text if network is None else f"the config in {network.path}"
        recorded = described_plugins(path.parent) if network is None else network.state.get("plugins") or ()
        registry = with_own_files(registry, recorded, path.parent if network is None else network.path)
        with made_with(lambda: recorded, registry):
            settings = Reading(Document.laid(source, tables, overrides), registry).settings()
        alone = registry.resolve(Kind.DISTRIBUTION, "single")
        whole = with_whole_updates(settings.algorithm)
        return cls(text=text, settings=attrs.evolve(settings, distribution=alone, algorithm=whole), network=network)

    def training(self) -> Training:
        """Builds a training at its start, or with the checkpoint's weights."""
        use_threads(self.settings.run)
        keep_freed_memory()
        training = Training(self.settings, Single(choose_device(self.settings.run)))
        if self.network is not None:
            training.network.network.load_state_dict(self.network.weights)
            if training.average is not None:
                training.average.load(self.network.weights)
        return training

    def player(self, training: Training, *, temperature: float, seed: int) -> NetworkPlayer:
        """Returns the network of a training as a player that avoids repetition, without a rule for mates."""
        return NetworkPlayer(training.player_evaluator, temperature=temperature, seed=seed)


def peak_memory(device: torch.device) -> tuple[str, int]:
    """Returns whose memory, and the most bytes of it so far: the GPU's where there is one, else this process's."""
    if device.type == "cuda":
        return "gpu", torch.cuda.max_memory_allocated(device)
    import resource
    import sys

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return "process", peak if sys.platform == "darwin" else peak * 1024


def with_whole_updates(algorithm: Choice) -> Choice:
    """Takes away the bound by which an algorithm may end an update early, where it has one, as `ppo` has."""
    options = algorithm.options
    if options is None or "target_kl" not in attrs.fields_dict(type(options)):
        return algorithm
    return attrs.evolve(algorithm, options=attrs.evolve(options, target_kl=0.0))
