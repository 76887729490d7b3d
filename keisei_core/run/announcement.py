"""What a run says about itself before it starts: planes, network, precision, every setting, every plugin."""

from collections.abc import Iterator
from typing import Any

import torch
from torchinfo import summary

from keisei_core.run.device import choose_threads
from keisei_core.run.environment import plugin_table
from keisei_core.run.training import Training


def announcement(training: Training) -> Iterator[str]:
    """Yields the lines."""
    yield from _planes(training)
    yield from _network(training)
    settings = training.settings
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
        f"= {training.num_updates * training.plies_per_update:,} plies"
    )
    yield "settings"
    for table, keys in settings.to_document().items():
        yield f"  [{table}]"
        yield from (f"    {key} = {_toml(value)}" for key, value in keys.items())
    yield "plugins"
    for row in plugin_table(settings):
        yield f"  {row['kind']:<13} {row['name']:<12} {row['distribution']} {row['version']}"


def _share(training: Training) -> str:
    """Says how many processes there are, and what each has of the totals that the config names."""
    count = training.backend.world_size
    if count == 1:
        return "1 process"
    games, minibatch = len(training.source.games), training.learner.batches.size
    carrier = getattr(training.backend, "carrier", None)
    by = f", gradients by {carrier}" if carrier else ""
    return f"{count} processes, each with {games} games and {minibatch} plies of a minibatch{by}"


def _planes(training: Training) -> Iterator[str]:
    channels = training.features.channels
    yield f"planes         {len(channels)}: {'+'.join(choice.label for choice in training.settings.features)}"
    for index, channel in enumerate(channels):
        yield f"  {index:>3} {channel.name:<32} x {channel.scale:.6g}"


def _network(training: Training) -> Iterator[str]:
    network = training.network.network
    parameters = sum(parameter.numel() for parameter in network.parameters())
    yield f"network        {training.settings.model.component.name}, {parameters:,} parameters"
    shape = (1, training.features.num_channels, 9, 9)
    report = summary(network, input_size=shape, device=training.device, verbose=0, depth=4, row_settings=("var_names",))
    yield from (f"  {line}" for line in str(report).splitlines())


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
