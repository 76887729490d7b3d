"""Finds and reads the checkpoint to start from, of any format, and tells its form."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import safetensors
import safetensors.torch
from torch import Tensor

from keisei_core.checkpoint import FORMAT_VERSION, CheckpointStore, read_files
from keisei_core.checkpoint.serial import OPTIMIZER, STATE, WEIGHTS, from_json
from keisei_core.config.structure import structure, unstructure
from keisei_core.errors import CheckpointError, ConfigError, PluginError
from keisei_core.migration.form import Form
from keisei_core.migration.snapshot import Snapshot
from keisei_core.observe import Channel, FeatureSet
from keisei_core.plugins import Choice, Kind, Registry, Settings, load_registry
from keisei_core.shown import shown

BARE: Final = 0
"""The format of weights alone, without optimiser, counters and games."""


def find_checkpoint(path: Path, warn: Callable[[str], None]) -> Path:
    """Returns the checkpoint that a path means: itself, or the newest of a run folder whose files are whole.

    Raises:
        CheckpointError: the path is neither, or none is good.
    """
    folders = CheckpointStore(path / "checkpoints", keep=1).folders()
    if not folders:
        return path
    problems = []
    for folder in reversed(folders):
        try:
            read_files(folder)
        except CheckpointError as error:
            problems.append(str(error))
            continue
        for problem in problems:
            warn(f"{problem}; {folder.name} is taken instead")
        return folder
    raise CheckpointError(path, "; ".join(problems))


def read_snapshot(path: Path, goal: Form, registry: Registry) -> Snapshot:
    """Reads a checkpoint folder of any format, or a .safetensors file of weights alone.

    Args:
        path: what `find_checkpoint` returned.
        goal: weights alone are taken for those of this network, over planes without names.
        registry: fills in options that the network has got since.

    Raises:
        CheckpointError: it is damaged, or does not say what it is of.
    """
    if path.suffix == ".safetensors" and path.is_file():
        form = Form(format=BARE, model=goal.model, options=dict(goal.options), channels=None)
        return Snapshot(form=form, weights=_tensors(path, path.read_bytes()), optimizer={}, state={})
    return stored_snapshot(path, registry)


def stored_snapshot(path: Path, registry: Registry) -> Snapshot:
    """Reads a checkpoint folder of any format; see `read_snapshot`."""
    version, blobs = read_files(path)
    try:
        state = from_json(blobs.pop(STATE))
        weights, optimizer = (_tensors(path / name, blobs.pop(name)) for name in (WEIGHTS, OPTIMIZER))
        form = stored_form(version, state, registry)
    except KeyError as error:
        raise CheckpointError(path, f"expected a checkpoint, but it has no {error}") from error
    except (TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(path / STATE, f"does not say what it is a checkpoint of ({error})") from error
    return Snapshot(form=form, weights=weights, optimizer=optimizer, state=state, rest=blobs)


def stored_channels(state: Mapping[str, Any]) -> dict[str, Channel]:
    """Returns the channels that a checkpoint names, by name; none where it names none."""
    return {channel["name"]: Channel(**channel) for channel in state.get("channels") or ()}


def form_of(model: Choice, options: Mapping[str, Any], channels: tuple[str, ...] | None, version: int) -> Form:
    """Returns the form of a network with these options, those that are not given at their defaults."""
    cls = model.load_options_class()
    if cls is not None:
        read = structure(cls, options)
        options = options if read.problems or read.value is None else unstructure(read.value)
    return Form(format=version, model=f"{model.owner.distribution}:{model.name}", options=options, channels=channels)


def goal_of(settings: Settings, features: FeatureSet) -> Form:
    """Returns the form of what these settings make, with the planes that they name."""
    options = {} if settings.model.options is None else unstructure(settings.model.options)
    names = tuple(channel.name for channel in features.channels)
    return form_of(settings.model, options, names, FORMAT_VERSION)


def differences_from(settings: Settings, features: FeatureSet, state: Mapping[str, Any]) -> list[str]:
    """Says in what network, planes and start of the value the state.json of a checkpoint differs from settings.

    Raises:
        LookupError: the state does not say what it is of; so do TypeError and ValueError.
    """
    forms = stored_form(FORMAT_VERSION, state, load_registry()).differences(goal_of(settings, features))
    return [*forms, *value_differences(settings, state)]


def value_differences(settings: Settings, state: Mapping[str, Any]) -> list[str]:
    """Says what the value head of a checkpoint stands on instead of what the settings say; nothing without a config.

    The head has learned what to add to the material at this weight and scale: they belong to the weights.
    """
    stored, wanted = state.get("config", {}).get("value"), unstructure(settings.value)
    if stored is None:
        return []
    differing = [key for key in wanted if stored.get(key) != wanted[key]]
    return [shown(f"value.{key} {stored.get(key)} -> {wanted[key]}") for key in differing]


def stored_form(version: int, state: Mapping[str, Any], registry: Registry) -> Form:
    """Reads the form from state.json.

    Raises:
        KeyError, TypeError, ValueError: it does not say what it is of.
    """
    references = {row["kind"]: f"{row['distribution']}:{row['name']}" for row in state["plugins"]}
    reference = references[Kind.MODEL]
    options = {key: value for key, value in state["config"]["model"].items() if key != "name"}
    channels = tuple(stored_channels(state)) or None
    try:
        return form_of(registry.resolve(Kind.MODEL, reference), options, channels, version)
    except (ConfigError, PluginError):  # told when its network is to be built, if it ever is
        return Form(format=version, model=reference, options=options, channels=channels)


def _tensors(path: Path, blob: bytes) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load(blob)
    except (safetensors.SafetensorError, KeyError) as error:
        raise CheckpointError(path, f"expected safetensors ({error})") from error
