"""A laboratory: networks of any form with random weights and moments, migrated in memory and compared on positions."""

from collections.abc import Callable, Collection
from functools import cache

import attrs
import pytest
import torch
from torch import Tensor, nn

from keisei_core.checkpoint import FORMAT_VERSION
from keisei_core.migration import (
    Form,
    Migration,
    Networks,
    Snapshot,
    form_of,
    migrate,
)
from keisei_core.plugins import Kind, load_registry
from keisei_core.testing import corpus, feature_set

NUM_POSITIONS = 12
EVERYTHING = feature_set("core46+all")
CHANNELS = {channel.name: channel for channel in EVERYTHING.channels}
REGISTRY = load_registry()


@cache
def channel_names(features: str) -> tuple[str, ...]:
    """Returns the names of the channels of some planes."""
    return tuple(channel.name for channel in feature_set(features).channels)


class ToyNetworks(Networks):
    """Networks that are not installed."""

    def __init__(self, build: Callable[[Form], nn.Module]) -> None:
        super().__init__(REGISTRY, CHANNELS)
        self.build = build  # type: ignore[method-assign]


class Laboratory:
    """Forms, networks and what they say of the same positions."""

    def __init__(self, build: Callable[[Form], nn.Module] | None = None) -> None:
        self.build_network = build
        self.networks = Networks(REGISTRY, CHANNELS) if build is None else ToyNetworks(build)
        encoded = EVERYTHING.encode(corpus()[-NUM_POSITIONS:]) * EVERYTHING.scales[:, None, None]
        self.planes = dict(zip(CHANNELS, torch.from_numpy(encoded).unbind(1), strict=True))

    def form(self, features: str = "core46", model: str = "resnet", **options: object) -> Form:
        """Returns a form of the present format."""
        names = channel_names(features)
        return form_of(REGISTRY.resolve(Kind.MODEL, model), options, names, FORMAT_VERSION)

    def network(self, form: Form, weights: dict[str, Tensor] | None = None) -> nn.Module:
        """Builds a network, with random weights if none are given."""
        torch.manual_seed(0)
        network = self._build(form)
        if weights is not None:
            network.load_state_dict(weights)
            return network.eval()
        stream = torch.Generator().manual_seed(1)
        with torch.no_grad():
            for tensor in network.state_dict().values():
                if tensor.is_floating_point():
                    tensor.add_(0.2 * torch.rand(tensor.shape, generator=stream) - 0.1)
        return network.eval()

    def _build(self, form: Form) -> nn.Module:
        if self.build_network is not None:
            return self.build_network(form)
        choice = REGISTRY.resolve(Kind.MODEL, form.model)
        options = choice.load_options_class()(**dict(form.options))
        return attrs.evolve(choice, options=options).build(tuple(CHANNELS[name] for name in form.channels))

    def snapshot(self, form: Form) -> Snapshot:
        """Returns a network with random weights, and moments that are twice and thrice the weights."""
        network = self.network(form)
        optimizer = {}
        for name, parameter in network.named_parameters():
            optimizer[f"{name}:step"] = torch.tensor(7.0)
            optimizer[f"{name}:exp_avg"] = 2 * parameter.detach()
            optimizer[f"{name}:exp_avg_sq"] = 3 * parameter.detach()
        return Snapshot(form=form, weights=network.state_dict(), optimizer=optimizer, state={})

    def migrate(self, start: Form, goal: Form) -> Migration:
        """Migrates a network with random weights."""
        return migrate(self.snapshot(start), goal, self.networks, REGISTRY)

    def outputs(
        self, form: Form, weights: dict[str, Tensor], *, unseen: Collection[str] = (), noise: Collection[str] = ()
    ) -> tuple[Tensor, Tensor]:
        """Returns logits and values, some channels shown empty, some as noise."""
        stream = torch.Generator().manual_seed(2)
        planes = []
        for name in form.channels or ():
            seen = torch.rand(NUM_POSITIONS, 9, 9, generator=stream) if name in noise else self.planes[name]
            planes.append(torch.zeros_like(seen) if name in unseen else seen)
        with torch.inference_mode():
            logits, value = self.network(form, weights)(torch.stack(planes, dim=1))
        return logits, value

    def error(self, migration: Migration) -> float:
        """Returns the largest difference of any output between the original, blind to what was dropped, and the new."""
        old, new = migration.start, migration.end
        dropped = set(old.form.channels or ()) - set(new.form.channels or ())
        added = set(new.form.channels or ()) - set(old.form.channels or ())
        before = self.outputs(old.form, old.weights, unseen=dropped)
        after = self.outputs(new.form, new.weights, noise=added)
        return max(float((one - other).abs().max()) for one, other in zip(before, after, strict=True))


@pytest.fixture(scope="session")
def laboratory() -> Laboratory:
    return Laboratory()


@pytest.fixture(scope="session")
def laboratory_of() -> Callable[[Callable[[Form], nn.Module]], Laboratory]:
    """Makes a laboratory for networks that are not installed."""
    return Laboratory
