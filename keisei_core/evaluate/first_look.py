"""A network tried on hard positions before a run, a match or a benchmark depends on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Final

import torch
from torch import Tensor

from keisei_core.errors import KeiseiError, PluginError
from keisei_core.evaluate.actor_critic import ActorCritic
from keisei_core.evaluate.compilation import kept_buffers
from keisei_core.evaluate.evaluator import Evaluator
from keisei_core.evaluate.network_faults import acting_problem, network_notes, network_problem
from keisei_core.evaluate.random_streams import undisturbed
from keisei_core.observe import FeatureSet
from keisei_core.precision import PrecisionPolicy
from keisei_core.shogi.hard_positions import hard_positions
from keisei_core.shown import one_line

NOBODYS: Final = ("keisei_core.", "torch.", "contextlib.")
"""Where a traceback does not show whose the network is."""


def require_fresh(
    network: ActorCritic, features: FeatureSet, precision: PrecisionPolicy, device: torch.device
) -> tuple[str, ...]:
    """Tries a network that is to be trained; leaves weights, buffers and random streams alone.

    Returns:
        What is unusual about it, a line each.

    Raises:
        PluginError: it does not do what a network must; names its package and version.
    """
    own = network.network
    with undisturbed(), kept_buffers(network), precision.autocast(), _named(network):
        planes = _planes(network, features, device)
        problem = network_problem(own, planes)
        notes = network_notes(own, planes) if problem is None else []
    _raise(network, problem)
    return tuple(f"{network.owner}: {note}" for note in notes)


def require_acting(evaluator: Evaluator) -> None:
    """Tries a network that only plays; raises as `require_fresh` does."""
    network = evaluator.network
    with undisturbed(), kept_buffers(network), evaluator.precision.autocast(), _named(network):
        planes = _planes(network, evaluator.features, evaluator.device)
        problem = acting_problem(network.network.eval(), planes)
    _raise(network, problem)


def _planes(network: ActorCritic, features: FeatureSet, device: torch.device) -> Tensor:
    """Returns what the network is given for hard positions, float32 [B, C, 9, 9]."""
    positions = hard_positions(features.needs.history)
    return network.scaled(torch.from_numpy(features.encode(positions)).to(device))


@contextmanager
def _named(network: ActorCritic) -> Iterator[None]:
    """Says whose the network is where it fails in torch's own code, in which no traceback shows its plugin.

    Raises:
        PluginError: it failed so.
    """
    try:
        yield
    except KeiseiError:
        raise
    except Exception as error:
        modules = [str(frame.f_globals.get("__name__")) for frame, _ in walk_tb(error.__traceback__)]
        if not all(f"{module}.".startswith(NOBODYS) for module in modules):
            raise
        raise PluginError(f"{network.owner}: forward failed with {one_line(error)}") from error


def _raise(network: ActorCritic, problem: str | None) -> None:
    if problem is not None:
        raise PluginError(f"{network.owner}: {problem}")
