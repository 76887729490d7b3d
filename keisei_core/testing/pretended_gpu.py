"""A GPU that is only pretended: a machine without one shows what one would refuse.

A whole training runs on it and computes what the CPU computes. Nothing is learned of speed, memory or a GPU's rounding.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from threading import Thread
from typing import Any, Final
from unittest import mock

import torch
from torch import Tensor

from keisei_core.testing.contract_error import ContractError
from keisei_core.testing.pretended_tensor import (
    GPU,
    GpuCalls,
    GpuWords,
    MixedDevicesError,
    PretendedGenerator,
    Recording,
)


class PretendedEvent:
    """A mark in a queue of work that is always done."""

    def __init__(self, *_: Any, **__: Any) -> None:
        """Takes what `torch.cuda.Event` and `torch.cuda.Stream` take."""

    def query(self) -> bool:
        """Tells that all is done."""
        return True

    def elapsed_time(self, _: "PretendedEvent") -> float:
        """Returns milliseconds between two marks."""
        return 0.0

    def _nothing(self, *_: Any, **__: Any) -> None:
        """Is done at once."""

    record = wait = synchronize = wait_event = wait_stream = record_event = _nothing


class PretendedGraph:
    """A CUDA graph: operations of the pretended GPU that are done again on demand."""

    def __init__(self) -> None:
        self._recording = Recording()
        self._streams: list[torch.Generator] = []

    def register_generator_state(self, stream: torch.Generator) -> None:
        """Notes a stream from which is drawn at each replay, and nothing while recording."""
        self._streams.append(stream)

    def replay(self) -> None:
        """Does all again."""
        self._recording.again()

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Records what is done in the block, which is done too, where a real one leaves that to the first replay."""
        states = [stream.get_state() for stream in self._streams]
        Recording.present = self._recording
        try:
            yield
        finally:
            Recording.present = None
        for stream, state in zip(self._streams, states, strict=True):
            stream.set_state(state)


def _nothing(*_: Any, **__: Any) -> None:
    """Is done at once."""


MEMORY: Final = 80 * 2**30
"""Bytes that the GPU says it has, all of them free."""
CUDA_MODULE: Final[Mapping[str, Any]] = {
    "_lazy_init": _nothing,
    "current_device": lambda: 0,
    "current_stream": PretendedEvent,
    "default_stream": PretendedEvent,
    "device_count": lambda: 1,
    "empty_cache": _nothing,
    "CUDAGraph": PretendedGraph,
    "Event": PretendedEvent,
    "get_device_name": lambda *_: "a pretended GPU",
    "graph": lambda graph, *_, **__: graph.recorded(),
    "get_rng_state": lambda *_: torch.get_rng_state(),
    "get_rng_state_all": lambda: [torch.get_rng_state()],
    "is_available": lambda: True,
    "is_bf16_supported": lambda *_, **__: True,
    "max_memory_allocated": lambda *_: 0,
    "mem_get_info": lambda *_: (MEMORY, MEMORY),
    "memory_allocated": lambda *_: 0,
    "memory_reserved": lambda *_: 0,
    "reset_peak_memory_stats": _nothing,
    "set_device": _nothing,
    "set_rng_state": _nothing,
    "set_rng_state_all": _nothing,
    "Stream": PretendedEvent,
    "stream": lambda *_: nullcontext(),
    "synchronize": _nothing,
}
"""What `torch.cuda` answers meanwhile."""


@contextmanager
def pretended_gpu() -> Iterator[torch.device]:
    """Makes code inside see a GPU, in this thread and in those that begin in it; gives its device."""
    import torch._dynamo  # looks at torch.cuda as it is at its first import, which an optimiser makes

    with (
        mock.patch.multiple(torch.cuda, **CUDA_MODULE),
        mock.patch.object(torch, "Generator", PretendedGenerator),
        mock.patch.object(Tensor, "pin_memory", lambda tensor, *_: tensor.clone()),
        mock.patch.object(Thread, "run", _on_gpu(Thread.run)),
        _numbers_lifted_from_cpu(),
        GpuWords(),
        GpuCalls(),  # type: ignore[no-untyped-call]
    ):
        yield GPU


def _on_gpu(run: Callable[[Thread], None]) -> Callable[[Thread], None]:
    """Returns what a thread does, with the GPU in sight: torch keeps that for each thread."""

    def run_on_gpu(thread: Thread) -> None:
        with GpuWords(), GpuCalls():  # type: ignore[no-untyped-call]
            run(thread)

    return run_on_gpu


@contextmanager
def asked_on_gpu() -> Iterator[torch.device]:
    """Gives a check the pretended GPU.

    Raises:
        ContractError: what is under test mixes it with the CPU.
    """
    try:
        with pretended_gpu() as gpu:
            yield gpu
    except MixedDevicesError as error:
        raise ContractError(f"on a GPU: {error}") from error


@contextmanager
def _numbers_lifted_from_cpu() -> Iterator[None]:
    """Makes `torch.tensor([1.0], device="cuda")` begin on the CPU, as torch's own fake tensors do."""
    before = torch._C._only_lift_cpu_tensors()
    torch._C._set_only_lift_cpu_tensors(True)
    try:
        yield
    finally:
        torch._C._set_only_lift_cpu_tensors(before)
