"""A checkpoint on its way: its tensors and its state as they are stored, whatever the format."""

from typing import Any

import attrs
from torch import Tensor

from keisei_core.migration.form import Form


@attrs.frozen(eq=False, kw_only=True)
class Snapshot:
    """What a migrator gets and gives; tensors are not to be changed in place."""

    form: Form
    weights: dict[str, Tensor]
    """The network's state dict."""
    optimizer: dict[str, Tensor]
    """The optimiser's state by name: `<parameter>:<entry>` a tensor, `<parameter>:=<entry>` a plain number. A tensor of
    the parameter's shape is a moment of it."""
    state: dict[str, Any]
    """state.json."""
    rest: dict[str, bytes] = attrs.field(factory=dict)
    """Every other file by its name, e.g. the games in progress."""
