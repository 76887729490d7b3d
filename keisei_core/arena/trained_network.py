"""Networks kept on disk, brought back to play: from a run, from a checkpoint, or from an exported network.

An exported network is a folder of two files: weights.safetensors, in bfloat16 or float32, and network.json with the
config, the channels and the plugins it needs.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import attrs
import safetensors
import safetensors.torch
import torch
from torch import Tensor

from keisei_core.arena.play_precision import PlayPrecision, play_precision
from keisei_core.checkpoint import FORMAT_VERSION, CheckpointStore, read_checkpoint, read_files
from keisei_core.config import home_path
from keisei_core.config.checkpoint_options import BEST
from keisei_core.config.document import Document
from keisei_core.config.paths import is_named, near_path
from keisei_core.errors import CheckpointError, KeiseiError, MigrationError
from keisei_core.evaluate import ActorCritic, Evaluator
from keisei_core.evaluate.first_look import require_acting
from keisei_core.migration import Snapshot, brought_up, find_checkpoint, stored_form, stored_snapshot
from keisei_core.observe import PlaneContext
from keisei_core.observe.chosen import chosen_features
from keisei_core.plugins import Registry, Settings, load_registry
from keisei_core.plugins.networks import named_network
from keisei_core.plugins.notices import warn_once
from keisei_core.plugins.provenance import OF_NETWORK, made_with, with_own_files
from keisei_core.plugins.reading import Reading
from keisei_core.shown import first_line

WEIGHTS: Final = "weights.safetensors"
DESCRIPTION: Final = "network.json"
EXPORT_FORMAT: Final = 2
CHECKPOINT_OF_EXPORT: Final[Mapping[int, int]] = {1: 2, EXPORT_FORMAT: FORMAT_VERSION}
"""For each format of network.json: the format of the checkpoints that its config is like."""
TABLES: Final = ("input", "model", "value", "precision", "selfplay")
"""Of a stored config, what a network needs."""
OF_SELFPLAY: Final = ("max_plies", "opening_plies")
"""Keys of [selfplay] that its planes are made for; the others speak of games, which a network does without."""
DIGEST_LENGTH: Final = 12


@attrs.frozen(eq=False, kw_only=True)
class TrainedNetwork:
    """Weights, and what is needed to play them."""

    path: Path
    """Where they were found: a checkpoint or an exported network."""
    weights: dict[str, Tensor]
    """float32."""
    state: Mapping[str, Any]
    """`config`, `channels`, `counters` and `plugins` as checkpoints keep them."""
    name: str = ""
    """Under which it comes with a plugin, `keisei:`; empty where a path led to it."""

    @property
    def text(self) -> str:
        """What means it again in any folder, whatever becomes of its run: its name or its path."""
        return self.name or str(self.path)

    @property
    def digest(self) -> str:
        """Names the weights: the beginning of a SHA-256 over names and values."""
        digest = hashlib.sha256()
        for name in sorted(self.weights):
            digest.update(name.encode() + self.weights[name].contiguous().numpy().tobytes())
        return digest.hexdigest()[:DIGEST_LENGTH]

    def rounded(self, dtype: torch.dtype) -> "TrainedNetwork":
        """Returns the network with weights as such a type has them, kept in float32: what an export of it plays."""
        return attrs.evolve(self, weights={name: tensor.to(dtype).float() for name, tensor in self.weights.items()})

    @property
    def tables(self) -> dict[str, dict[str, Any]]:
        """Of the config that it was trained with, what a network needs."""
        config = self.state["config"]
        tables = {name: dict(config[name]) for name in TABLES if name in config}
        if "selfplay" in tables:
            tables["selfplay"] = {key: value for key, value in tables["selfplay"].items() if key in OF_SELFPLAY}
        return tables

    def settings(self, registry: Registry) -> Settings:
        """Reads the config it was trained with, as far as a network needs it.

        Raises:
            ConfigError, PluginError: a plugin that it was made from is not installed any more, which is said with what
                to install, or has changed, or is a file that came with the network and was never used here.
        """
        tables = self.tables
        recorded = self.state.get("plugins") or ()
        registry = with_own_files(registry, recorded, self.path, kinds=OF_NETWORK)
        with made_with(lambda: recorded, registry):
            return Reading(Document(f"the config in {self.path}", tables, tables, {}), registry).settings()

    def play_precision(self, registry: Registry, device: torch.device, wanted: str = "") -> PlayPrecision:
        """Returns what the network plays in on a device; see `play_precision`. Raises as `evaluator` does."""
        return play_precision(self.settings(registry).precision, device, registry, wanted)

    def evaluator(self, registry: Registry, device: torch.device, wanted: str = "") -> Evaluator:
        """Builds the network on a device, in the precision that it plays in there; says so where it is another.

        Args:
            registry: of the plugins that it was made with.
            device: where it plays.
            wanted: name of a precision to play in whatever the device does well; empty: see `play_precision`.

        Raises:
            CheckpointError: the weights don't fit the network that the config makes today.
            ConfigError, PluginError: see `settings`; or planes or network do not do what they must.
        """
        settings = self.settings(registry)
        context = PlaneContext(max_plies=settings.selfplay.max_plies)
        features = chosen_features(settings.features, context)
        stored, present = [entry["name"] for entry in self.state["channels"]], [c.name for c in features.channels]
        if stored != present:
            raise CheckpointError(self.path, f"was trained on the planes {stored}, the plugins now make {present}")
        playing = play_precision(settings.precision, device, registry, wanted)
        if playing.reason:
            warn_once(f"{self.path} plays in {playing.name}: {playing.reason}")
        with torch.random.fork_rng(devices=[]):  # the fresh weights are replaced at once; a match disturbs nothing
            network = playing.prepared(settings.model.build(features.channels))
        try:
            network.load_state_dict(self.weights)
        except RuntimeError as error:
            raise CheckpointError(self.path, f"does not fit its network ({first_line(error)})") from error
        owner = f"model {settings.model.name!r} of {settings.model.owner}"
        actor_critic = ActorCritic(network, features.channels, settings.value, owner).to(device)
        actor_critic.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        evaluator = Evaluator(actor_critic.eval(), features, playing.policy, device)
        require_acting(evaluator)
        return evaluator


ROW: Final = frozenset({"kind", "name", "distribution", "version"})
"""What a checkpoint tells of each part at least."""


def find_network(path: Path, warn: Callable[[str], None] = lambda _: None) -> TrainedNetwork:
    """Reads the network that a path means.

    Args:
        path: a run folder, whose newest good checkpoint is taken, or with `:best` behind it the best one; a checkpoint
            folder; an exported network; or the name of one that comes with a plugin, `keisei:`.
        warn: told of every damaged checkpoint that is passed over.

    Raises:
        CheckpointError: there is none, or it is damaged.
        ConfigError: it begins with a home folder that there is not, or no plugin brings a network of that name.
    """
    path = home_path(path)
    if is_named(path):
        named = named_network(str(path), load_registry())
        return attrs.evolve(_read_export(named.folder), name=named.text)
    if path.name.endswith(BEST) and not path.exists():
        path = _best_of(Path(str(path).removesuffix(BEST)), warn)
    if (path / DESCRIPTION).is_file():
        return _read_export(path)
    if (path / "config.toml").is_file() or (path / "checkpoints").is_dir():
        newest = find_checkpoint(path, warn)
        if newest != path and _is_older(newest):
            return _read_older(newest)
        path, checkpoint = CheckpointStore(path / "checkpoints", keep=1).newest(warn)
    elif path.is_dir():
        if _is_older(path):
            return _read_older(path)
        checkpoint = read_checkpoint(path)
    else:
        what = "expected a run folder, a checkpoint or an exported network"
        remedy = "name RUN or RUN/checkpoints/update-000010, say; pickles and other files are never opened"
        got = "a file" if path.exists() else f"nothing there{near_path(path)}"
        raise CheckpointError(path, f"{what}, got {got}", remedy)
    _require_description(path, checkpoint.state)
    weights = {name: tensor.float() for name, tensor in checkpoint.played.items()}
    return TrainedNetwork(path=path, weights=weights, state=checkpoint.state)


def _best_of(run: Path, warn: Callable[[str], None]) -> Path:
    """Returns the checkpoint that the newest one of a run says is the best.

    Raises:
        CheckpointError: there is no run, or none is the best yet.
    """
    newest = find_checkpoint(run, warn)
    if newest == run:
        raise CheckpointError(run, f"expected a run folder in front of {BEST}", "leave that out for any other network")
    best = json.loads(read_files(newest)[1]["state.json"])["best"]
    if best is None:
        remedy = "[checkpoint] keep_best and matches during training choose one; without :best the newest plays"
        raise CheckpointError(run, "has no best network", remedy)
    return CheckpointStore(run / "checkpoints", keep=1).path_of(best["update"])


def _is_older(path: Path) -> bool:
    return read_files(path)[0] < FORMAT_VERSION


def _read_older(path: Path) -> TrainedNetwork:
    """Reads the network of a checkpoint of an earlier format.

    Raises:
        CheckpointError: it is damaged, or no installed migrator knows its format.
    """
    registry = load_registry()
    snapshot = stored_snapshot(path, registry)
    try:
        present = brought_up(snapshot, registry)
    except MigrationError as error:
        raise CheckpointError(path, f"is of format {snapshot.form.format} ({error})", "upgrade keisei") from error
    weights = {name: tensor.float() for name, tensor in present.weights.items()}
    return TrainedNetwork(path=path, weights=weights, state=present.state)


def _require_description(path: Path, state: Mapping[str, Any]) -> None:
    """Refuses what verifies and yet doesn't tell which network the weights are of.

    Raises:
        CheckpointError: `config` or `channels` is missing, or one of them or `plugins` not what it should be.
    """
    config, channels = state.get("config"), state.get("channels")
    if not isinstance(config, dict) or not all(isinstance(table, dict) for table in config.values()):
        raise CheckpointError(path, "tells no config of its network")
    if not isinstance(channels, list) or not all(isinstance(entry, dict) and "name" in entry for entry in channels):
        raise CheckpointError(path, "tells no channels of its network")
    rows = state.get("plugins") or ()
    if not isinstance(rows, list | tuple) or not all(isinstance(row, dict) and row.keys() >= ROW for row in rows):
        raise CheckpointError(path, "does not tell in rows which plugins it was made with")


def _read_export(path: Path) -> TrainedNetwork:
    """Reads an exported network and verifies its weights."""
    try:
        state = json.loads((path / DESCRIPTION).read_text(encoding="utf-8"))
        blob = (path / WEIGHTS).read_bytes()
        if state["format"] not in CHECKPOINT_OF_EXPORT:
            raise CheckpointError(path, f"expected export format {EXPORT_FORMAT} or older, got {state['format']!r}")
        if hashlib.sha256(blob).hexdigest() != state["sha256"]:
            raise CheckpointError(path, f"{WEIGHTS} is damaged: it differs from its SHA-256")
        weights = {name: tensor.float() for name, tensor in safetensors.torch.load(blob).items()}
        _require_description(path, state)
        state = _present_state(weights, state)
    except KeiseiError:
        raise
    except (OSError, ValueError, KeyError, TypeError, safetensors.SafetensorError) as error:
        raise CheckpointError(path, f"is not an exported network ({type(error).__name__}: {error})") from error
    return TrainedNetwork(path=path, weights=weights, state=state)


def _present_state(weights: dict[str, Tensor], state: Mapping[str, Any]) -> Mapping[str, Any]:
    """Returns what an exported network says of itself as today's exports say it."""
    version = CHECKPOINT_OF_EXPORT[state["format"]]
    if version == FORMAT_VERSION:
        return state
    registry = load_registry()
    form = stored_form(version, state, registry)
    return brought_up(Snapshot(form=form, weights=weights, optimizer={}, state=dict(state)), registry).state
