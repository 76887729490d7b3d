"""Compiling the network by torch.compile, for acting and for learning.

Shape key: B positions, C channels.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Final

import attrs
import torch
from torch import Tensor, nn

from keisei_core.evaluate.actor_critic import ActorCritic
from keisei_core.precision import PrecisionPolicy

Outputs = tuple[Tensor, Tensor, dict[str, Tensor]]
Forward = Callable[[Tensor, Tensor], Outputs]

FEWEST: Final = 16
"""Smaller batches go uncompiled: torch convolves them otherwise on a CPU, which would take programs of their own."""


@attrs.frozen(kw_only=True)
class Compilation:
    """What came of compiling a network."""

    act_s: float = 0.0
    learn_s: float = 0.0
    problem: str = ""
    """Why the network runs as it is; nothing where it was compiled."""

    def __str__(self) -> str:
        if self.problem:
            return f"not done, the network runs as it is: {self.problem}"
        return f"took {self.act_s:.1f} s for acting and {self.learn_s:.1f} s for learning"


def compile_network(
    network: ActorCritic, precision: PrecisionPolicy, device: torch.device, *, num_games: int, minibatch: int
) -> Compilation:
    """Makes a network run compiled programs; where they can't be made it stays as it was.

    Only its `forward` becomes another: parameters, their names, their layout in memory and its modules stay. Both
    programs are made at once, so that the run knows what they took.

    Args:
        network: already on the device.
        precision: the programs are made for this one.
        device: where the network is.
        num_games: positions of a usual batch when acting.
        minibatch: positions of a batch when learning.
    """
    network.forward = for_any_batch(network.forward)  # type: ignore[assignment]
    try:
        with torch.random.fork_rng(), kept_buffers(network):
            act_s = _timed(_act, network, precision, num_games, device)
            learn_s = _timed(_learn, network, precision, minibatch, device)
    except (OSError, RuntimeError) as error:
        del network.forward  # the class's own is left
        return Compilation(problem=_cause(error))
    return Compilation(act_s=act_s, learn_s=learn_s)


@contextmanager
def kept_buffers(network: nn.Module) -> Iterator[None]:
    """Leaves running statistics as they were: the boards that programs are made with are no games."""
    before = [
        (module, name, buffer, buffer.clone())
        for module in network.modules()
        for name, buffer in module.named_buffers(recurse=False)
    ]
    try:
        yield
    finally:
        for module, name, buffer, content in before:
            buffer.copy_(content)
            setattr(module, name, buffer)  # `forward` may have put another in its place


def for_any_batch(forward: Forward) -> Forward:
    """Returns `forward`, compiled into one program for every number of positions but the smallest."""
    compiled: Forward = torch.compile(forward)

    def run(planes: Tensor, material: Tensor) -> Outputs:
        if len(planes) < FEWEST:
            return forward(planes, material)
        torch._dynamo.mark_dynamic(planes, 0)
        torch._dynamo.mark_dynamic(material, 0)
        return compiled(planes, material)

    return run


def _boards(network: ActorCritic, num_positions: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Returns the planes of empty boards, uint8 [B, C, 9, 9], and their material, enough to be compiled for."""
    count = max(num_positions, FEWEST)
    planes = torch.zeros(count, len(network.channels), 9, 9, dtype=torch.uint8, device=device)
    return planes, torch.zeros(count, device=device)


def _act(network: ActorCritic, precision: PrecisionPolicy, num_games: int, device: torch.device) -> None:
    """Evaluates boards as an evaluator does, which makes them in inference mode: programs know the difference."""
    network.eval()
    with torch.inference_mode(), precision.autocast():
        network(*_boards(network, num_games, device))


def _learn(network: ActorCritic, precision: PrecisionPolicy, minibatch: int, device: torch.device) -> None:
    network.train()
    with precision.autocast():
        logits, value, extra = network(*_boards(network, minibatch, device))
    outputs = (logits, value, *(tensor for tensor in extra.values() if tensor.requires_grad))
    torch.stack([output.mean() for output in outputs]).sum().backward()  # type: ignore[no-untyped-call]
    network.zero_grad(set_to_none=True)


def _timed(program: Callable[..., None], *arguments: object) -> float:
    """Runs something and returns the seconds it took."""
    started = perf_counter()
    program(*arguments)
    return perf_counter() - started


def _cause(error: BaseException) -> str:
    """Returns the first line of the innermost error: the compiler's own are wrapped several times."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = str(error).splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}".rstrip(": ")
