"""Builds the network of any form a migration passes through, to read its layout and to take fresh weights from."""

from collections.abc import Mapping

import attrs
import torch
from torch import Tensor, nn

from keisei_core.errors import KeiseiError, PluginError
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
        """
        if form not in self._known:
            try:
                self._known[form] = self._build(form)
            except PluginError:
                raise
            except (KeiseiError, TypeError, ValueError) as error:
                raise PluginError(
                    f"model {form.model_name!r} can't be built as the checkpoint has it: {error}"
                ) from error
        return self._known[form]

    def complaint(self, *forms: Form) -> str | None:
        """Says why the network of one of the forms can't be laid out; None where all can."""
        try:
            for form in forms:
                self.blueprint(form)
        except PluginError as error:
            return str(error)
        return None

    def _build(self, form: Form) -> Blueprint:
        choice = self._registry.resolve(Kind.MODEL, form.model)
        cls = choice.load_options_class()
        options = None if cls is None else cls(**dict(form.options))
        channels = tuple(self._channels[name] for name in form.channels or ())
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network: nn.Module = attrs.evolve(choice, options=options).build(channels)
        weights = network.state_dict()
        if not isinstance(network, LaidOut):
            raise PluginError(
                f"model {choice.name!r} of {choice.owner} can't be migrated: it has no method `layout` that says how "
                "its tensors follow its channels; see docs/plugins/migrators.md"
            )
        return Blueprint(weights=weights, layout=network.layout())
