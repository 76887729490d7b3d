"""What can be wrong with a network and is seen at once: asked by the test kit, and by a run before it begins.

Whoever asks puts buffers and global random streams back.

Shape key: B positions, C channels.
"""

import random
from collections.abc import Iterable
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from keisei_core.evaluate.outputs import outputs_problem, size_problem
from keisei_core.shown import first_line

NUM_LEARNED: Final = 4
"""Positions that are enough to see what learning would; one would not do, as it has no batch statistics."""
STREAMS: Final = ("torch", "numpy", "Python")
LISTED: Final = 3
"""Parameters named in a note."""


def network_problem(network: object, planes: Tensor) -> str | None:
    """Says what is wrong first with a fresh network; None where nothing is found.

    Args:
        network: as its plugin built it; left in train mode.
        planes: float32 [B, C, 9, 9], scaled, of more than one position; run in whatever precision the caller sets.
    """
    if not isinstance(network, nn.Module):
        return f"a model must be a torch.nn.Module, got {type(network).__name__}"
    some = planes[:NUM_LEARNED]
    return (
        lazy_problem(network)
        or globals_problem(network.train(), some)
        or acting_problem(network.eval(), planes)
        or learning_problem(network.train(), some)
    )


def lazy_problem(network: nn.Module) -> str | None:
    """Asks whether all parameters and buffers have shapes: what makes an optimiser and reads checkpoints needs them."""
    lazy = [name for name, tensor in _tensors(network) if is_lazy(tensor)]
    return f"parameters must have their shapes from the start, {_listed(lazy)} are lazy" if lazy else None


def acting_problem(network: nn.Module, planes: Tensor) -> str | None:
    """Asks for outputs in eval mode: of any number of positions, sane numbers, each position's apart from the others.

    Args:
        network: in eval mode.
        planes: float32 [B, C, 9, 9].
    """
    with torch.inference_mode():
        whole = network(planes)
        problem = outputs_problem(whole, len(planes)) or numbers_problem(whole)
        if problem is not None:
            return problem
        alone = network(planes[:1])
        problem = outputs_problem(alone, 1)
        if problem is not None or _are_alike(whole, alone):
            return problem
        draws = not _are_alike(whole, network(planes))  # at random: nothing can be said
    return None if draws else "outputs in eval mode must not depend on the rest of the batch"


def numbers_problem(outputs: tuple[Any, ...]) -> str | None:
    """Asks whether outputs of the right form are finite, and values about those of results."""
    for name, output in zip(("logits", "value"), outputs[:2], strict=True):
        if not bool(output.isfinite().all()):
            return f"outputs must be finite, got nan or inf in {name}"
    return size_problem(float(outputs[1].detach().float().abs().mean()))


def globals_problem(network: nn.Module, planes: Tensor) -> str | None:
    """Asks whether `forward` leaves alone what all code of a process shares: random streams, gradients, dtype."""
    switches = torch.get_default_dtype(), True
    left = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        np.random.seed(seed)  # noqa: NPY002
        random.seed(seed)
        with torch.enable_grad():
            network(planes)
            found = torch.get_default_dtype(), torch.is_grad_enabled()
        torch.set_default_dtype(switches[0])
        if found != switches:
            return "forward must leave torch's default dtype and its switch for gradients alone, it changed one"
        left.append((torch.get_rng_state().tolist(), np.random.get_state()[1].tolist(), random.getstate()))  # type: ignore[index]  # noqa: NPY002
    seeded = [name for name, one, other in zip(STREAMS, *left, strict=True) if one == other]
    return f"forward must seed no random stream of the process, it seeds {' and '.join(seeded)}'s" if seeded else None


def learning_problem(network: nn.Module, planes: Tensor) -> str | None:
    """Asks for outputs in train mode that gradients can be computed of.

    Args:
        network: in train mode.
        planes: float32 [B, C, 9, 9].
    """
    with torch.enable_grad():
        outputs = network(planes)
        problem = outputs_problem(outputs, len(planes)) or numbers_problem(outputs)
        if problem is not None:
            return problem
        total = outputs[0].float().mean() + outputs[1].float().mean()
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    if not (trained and total.requires_grad):
        return "logits and value must come from parameters that are trained, got outputs without gradients"
    try:
        torch.autograd.grad(total, trained, allow_unused=True)
    except RuntimeError as error:
        return f"gradients of logits and value can't be computed: {first_line(error)}"
    return None


def network_notes(network: nn.Module, planes: Tensor) -> list[str]:
    """Says what is unusual about a sound network: a run goes on with it, and may come to nothing for it."""
    notes = []
    others = [name for name, parameter in network.named_parameters() if parameter.dtype != torch.float32]
    if others:
        notes.append(f"parameters are expected in float32, whatever the precision, {_listed(others)} are not")
    some = planes[:NUM_LEARNED]
    with torch.no_grad():
        acting, learning = network.eval()(some), network.train()(some)
    if trains_as_it_acts(network) and not _are_alike(acting, learning):
        notes.append(
            "it acts otherwise than it learns (train mode gives other outputs than eval mode, as BatchNorm and dropout "
            "do), so ratios of probabilities do not begin at 1; say trains_as_it_acts = False in it if that is meant"
        )
    return notes


def trains_as_it_acts(network: nn.Module) -> bool:
    """Tells whether a network means train mode to change nothing: its attribute of this name, True if it has none."""
    return bool(getattr(network, "trains_as_it_acts", True))


def _tensors(network: nn.Module) -> Iterable[tuple[str, Tensor]]:
    yield from network.named_parameters()
    yield from network.named_buffers()


def _are_alike(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Tells whether logits and values are equal, but for rounding, for as many positions as both have."""
    return all(_is_close(first, second) for first, second in zip(one[:2], other[:2], strict=True))


def _is_close(one: Tensor, other: Tensor) -> bool:
    num_positions = min(len(one), len(other))
    absolute, relative = (1e-3, 0.01) if one.dtype in (torch.float32, torch.float64) else (0.02, 0.05)
    first, second = one[:num_positions].float(), other[:num_positions].float()
    return bool((first - second).abs().max() <= absolute + relative * first.abs().max())


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return f"{', '.join(names[:LISTED])}{more}"
