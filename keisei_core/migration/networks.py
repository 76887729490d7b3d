"""Builds the network of any form a migration passes through, to read its layout and to take fresh weights from."""

from collections.abc import Mapping

import attrs
import torch
from torch import Tensor

from keisei_core.errors import PluginError
from keisei_core.migration.form import Form
from keisei_core.migration.layout import LaidOut, Layout
from keisei_core.observe import Channel
from keisei_core.plugins import Kind, Registry


@attrs.frozen(eq=False)
class Blueprint:
    """A network as it would be built: not trained, not kept."""

    weights: dict[str, Tensor]
    """Fresh weights, always the same for one form."""
    layout: Layout


class Networks:
    """Blueprints by form; each network is built once, on the CPU."""

    def __init__(self, registry: Registry, channels: Mapping[str, Channel]) -> None:
        """Takes what networks are built from.

        Args:
            registry: where models are looked up.
            channels: every channel, by name, that a form may name.
        """
        self._registry = registry
        self._channels = channels
        self._known: dict[Form, Blueprint] = {}

    def blueprint(self, form: Form) -> Blueprint:
        """Returns the network of a form.

        Raises:
            PluginError: its model is not installed, does not build with these options, or declares no layout.
            ConfigError: its model is not known.
            ValueError: the form does not name its channels.
        """
        if form not in self._known:
            self._known[form] = self._build(form)
        return self._known[form]

    def _build(self, form: Form) -> Blueprint:
        if form.channels is None:
            raise ValueError("a network can't be built for channels without names")
        choice = self._registry.resolve(Kind.MODEL, form.model)
        cls = choice.load_options_class()
        options = None if cls is None else cls(**dict(form.options))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = attrs.evolve(choice, options=options).build(tuple(self._channels[name] for name in form.channels))
        if not isinstance(network, LaidOut):
            raise PluginError(
                f"model {choice.name!r} of {choice.owner} can't be migrated: it has no method `layout` that says how "
                "its tensors follow its channels; see docs/plugins/migrators.md"
            )
        return Blueprint(weights=network.state_dict(), layout=network.layout())
