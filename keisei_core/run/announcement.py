"""What a run says about itself before it starts: a few lines for everybody, every name and setting for who asks."""

from collections.abc import Iterator
from typing import Any

import torch
from torchinfo import summary

from keisei_core.run.device import choose_threads
from keisei_core.run.environment import plugin_table
from keisei_core.run.training import Training


def headline(training: Training) -> Iterator[str]:
    """Yields what runs, in at most eight lines."""
    settings = training.settings
    yield f"planes         {training.features.num_channels}: {'+'.join(choice.label for choice in settings.features)}"
    yield f"network        {settings.model.component.name}, {_num_parameters(training):,} parameters"
    taught = ", ".join(choice.label for choice in settings.teachers)
    yield f"learning       {settings.algorithm.label}, {settings.optimizer.label}{taught and f', taught by {taught}'}"
    _, limit = choose_threads(settings.run, training.backend.local_world_size)
    yield f"device         {training.device}, {torch.get_num_threads()} CPU threads{limit and f' ({limit})'}"
    yield f"precision      {settings.precision.component.name}: {training.precision.description}"
    if training.compilation:
        yield f"compilation    {training.compilation}"
    yield (
        f"distribution   {settings.distribution.component.name}: {settings.distribution.component.summary} "
        f"({_share(training)})"
    )
    yield (
        f"length         {training.num_updates} updates x {training.plies_per_update:,} plies "
        f"= {training.num_updates * training.plies_per_update:,} plies{_limits(training)}"
    )


def announcement(training: Training) -> Iterator[str]:
    """Yields the headline, then every plane, layer, setting and plugin."""
    yield from headline(training)
    yield "planes by name"
    for index, channel in enumerate(training.features.channels):
        yield f"  {index:>3} {channel.name:<32} x {channel.scale:.6g}"
    yield "network by layer"
    yield from (f"  {line}" for line in _layers(training))
    yield "settings"
    for table, keys in training.settings.to_document().items():
        yield f"  [{table}]"
        yield from (f"    {key} = {_toml(value)}" for key, value in keys.items())
    yield "plugins"
    for row in plugin_table(training.settings):
        yield f"  {row['kind']:<13} {row['name']:<12} {row['distribution']} {row['version']}"


def description(training: Training) -> dict[str, Any]:
    """Returns what runs as JSON-able data."""
    settings = training.settings
    return {
        "planes": [channel.name for channel in training.features.channels],
        "parameters": _num_parameters(training),
        "device": str(training.device),
        "threads": torch.get_num_threads(),
        "processes": training.backend.world_size,
        "updates": training.num_updates,
        "plies_per_update": training.plies_per_update,
        "settings": settings.to_document(),
        "plugins": plugin_table(settings),
    }


def _num_parameters(training: Training) -> int:
    return sum(parameter.numel() for parameter in training.network.network.parameters())


def _share(training: Training) -> str:
    """Says how many processes there are, and what each has of the totals that the config names."""
    count = training.backend.world_size
    if count == 1:
        return "1 process"
    games, minibatch = len(training.source.games), training.learner.batches.size
    carrier = getattr(training.backend, "carrier", None)
    by = f", gradients by {carrier}" if carrier else ""
    return f"{count} processes, each with {games} games and {minibatch} plies of a minibatch{by}"


def _limits(training: Training) -> str:
    """Says what else ends the run."""
    run = training.settings.run
    limits = ((f"{run.games:,}", "games"), (f"{run.minutes:g}", "minutes"), (f"{run.core_minutes:g}", "core-minutes"))
    return "".join(f", at most {limit} {unit}" for limit, unit in limits if limit != "0")


def _layers(training: Training) -> list[str]:
    """Returns the network's table, a line for each layer."""
    shape = (1, training.features.num_channels, 9, 9)
    network = training.network.network
    report = summary(network, input_size=shape, device=training.device, verbose=0, depth=4, row_settings=("var_names",))
    return str(report).splitlines()


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
