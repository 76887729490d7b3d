"""Builds the network of any form a migration passes through, to read its layout and to take fresh weights from."""

from collections.abc import Callable, Mapping

import attrs
import torch
from torch import Tensor, nn

from keisei_core.errors import KeiseiError, PluginError
from keisei_core.migration.form import Form
from keisei_core.migration.layout import LaidOut, Layout
from keisei_core.observe import Channel
from keisei_core.plugins import Kind, Registry
from keisei_core.shown import shown


@attrs.frozen(eq=False)
class Blueprint:
    """A network as it would be built: not trained, not kept."""

    weights: dict[str, Tensor]
    """Fresh weights, always the same for one form."""
    layout: Layout


class Networks:
    """Networks and their layouts by form; each is built once, on the CPU, and is not to be changed."""

    def __init__(
        self,
        registry: Registry,
        channels: Mapping[str, Channel],
        prepare: Callable[[nn.Module], nn.Module] = lambda network: network,
    ) -> None:
        """Takes what networks are built from.

        Args:
            registry: where models are looked up.
            channels: every channel, by name, that a form may name.
            prepare: what the run's precision policy does to a fresh network.
        """
        self._prepare = prepare
        self._registry = registry
        self._channels = channels
        self._networks: dict[Form, nn.Module] = {}
        self._layouts: dict[Form, Layout] = {}

    def blueprint(self, form: Form) -> Blueprint:
        """Returns fresh weights and layout of a form's network.

        Raises:
            PluginError: its model is not installed, does not build with these options, or declares no layout.
        """
        network = self._network(form)
        if form not in self._layouts:
            if not isinstance(network, LaidOut):
                raise PluginError(
                    f"model {form.model!r} can't be migrated: it has no method `layout` that says how its tensors "
                    "follow its channels; see docs/plugins/migrators.md"
                )
            self._layouts[form] = network.layout()
        return Blueprint(weights=network.state_dict(), layout=self._layouts[form])

    def weights(self, form: Form) -> dict[str, Tensor]:
        """Returns fresh weights of a form's network, which need not declare a layout; raises as `blueprint` does."""
        return dict(self._network(form).state_dict())

    def complaint(self, *forms: Form) -> str | None:
        """Says why the network of one of the forms can't be laid out; None where all can."""
        try:
            for form in forms:
                self.blueprint(form)
        except PluginError as error:
            return str(error)
        return None

    def _network(self, form: Form) -> nn.Module:
        if form not in self._networks:
            try:
                with torch.random.fork_rng(devices=[]):
                    torch.manual_seed(0)
                    self._networks[form] = self.build(form)
            except PluginError:
                raise
            except (KeiseiError, LookupError, TypeError, ValueError) as error:
                text = f"model {form.model_name!r} can't be built as the checkpoint has it: {error}"
                raise PluginError(shown(text)) from error
        return self._networks[form]

    def build(self, form: Form) -> nn.Module:
        """Builds the network of a form with fresh weights; raises whatever stands in the way."""
        choice = self._registry.resolve(Kind.MODEL, form.model)
        cls = choice.load_options_class()
        options = None if cls is None else cls(**dict(form.options))
        channels = tuple(self._channels[name] for name in form.channels or ())
        return self._prepare(attrs.evolve(choice, options=options).build(channels))
