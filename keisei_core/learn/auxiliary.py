"""A network's further outputs: the loss that it gives them itself, and what is wrong with one that gives none.

Shape key: M plies of a minibatch.
"""

from collections.abc import Mapping
from typing import Any, Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

from keisei_core.evaluate.actor_critic import as_float32
from keisei_core.evaluate.outputs import described
from keisei_core.learn.batch import Batch

REMEDY = "see 'Further outputs' in docs/plugins/models.md"


@runtime_checkable
class Auxiliary(Protocol):
    """A network whose `forward` returns a third output, tensors by name, and which knows what they are to be."""

    def auxiliary_loss(self, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """Returns what is added to the algorithm's loss, a scalar, weight included, and figures by name, scalars.

        Args:
            extra: the further outputs for the plies of the minibatch, [M, ...], floats as float32.
            batch: the plies: `positions`, `action`, `result`, `plies_left`, `next_action`, and others. What had not
                happened yet within the segment is nan or -1 there: leave those plies out, and let the loss hang on the
                outputs also where none is left (times 0), so that every step learns the same parameters.
        """
        ...


def auxiliary_loss(model: nn.Module, extra: dict[str, Tensor], batch: Batch) -> tuple[Tensor, dict[str, Tensor]]:
    """Asks a network for the loss of its further outputs, and for figures."""
    assert isinstance(model, Auxiliary)
    loss, figures = model.auxiliary_loss(extra, batch)
    return loss, {name: figure.detach() for name, figure in figures.items()}


def auxiliary_problem(model: nn.Module, outputs: tuple[Any, ...], batch: Batch) -> str | None:
    """Says what is wrong with a network's further outputs or with their loss; None where nothing is.

    Args:
        model: the plugin's network.
        outputs: what its `forward` returned in train mode for the plies of the batch, of the right form.
        batch: of at least one ply.
    """
    extra = outputs[2] if len(outputs) == 3 else {}
    if extra and not isinstance(model, Auxiliary):
        return f"forward returns {', '.join(extra)} beside logits and value, but there is no auxiliary_loss; {REMEDY}"
    if not extra:
        has_loss = isinstance(model, Auxiliary)
        return f"there is an auxiliary_loss, but forward returns no third output; {REMEDY}" if has_loss else None
    plies = {name: as_float32(tensor[: batch.num_plies]) for name, tensor in extra.items()}
    return _loss_problem(cast(Auxiliary, model).auxiliary_loss(plies, batch))


def _loss_problem(given: object) -> str | None:
    """Says what is wrong with what `auxiliary_loss` returned."""
    if not (isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], Mapping)):
        return f"auxiliary_loss must return (loss, figures by name), got {described(given)}"
    loss, figures = given
    for name, value in (("loss", loss), *figures.items()):
        if not (isinstance(value, Tensor) and value.dim() == 0):
            return f"auxiliary_loss must return tensors that are scalars, got {described(value)} for {name}"
        if not bool(torch.isfinite(value)):
            return (
                f"auxiliary_loss must be finite, also where no outcome is known, got {float(value.detach())} for {name}"
            )
    return None
