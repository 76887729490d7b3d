"""A computation recorded as a CUDA graph: launching some 165 kernels one by one takes a GPU's host longer than the GPU.

A recording reads the inputs that it was made with and writes one output, so what is put there is what it works on.
"""

from collections.abc import Callable
from typing import Final

import torch
from torch import Tensor

WARM_UPS: Final = 3
"""Runs before the recording, in which libraries choose their kernels and compilers compile."""


def recorded(compute: Callable[[], Tensor], stream: torch.Generator) -> Callable[[], Tensor]:
    """Records a computation.

    Args:
        compute: without a look at any number on the way; reads from the same tensors and returns one of the same shape
            every time. Run a few times before.
        stream: what it draws random numbers from; left as it was, and consumed by each run as by `compute`.

    Returns:
        What does the same again; its output is written over by the next run.

    Raises:
        RuntimeError: it can't be recorded.
    """
    device, before = stream.device, stream.get_state()
    aside = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    present = torch.cuda.current_stream(device)
    aside.wait_stream(present)
    with torch.cuda.stream(aside):
        for _ in range(WARM_UPS):
            compute()
    present.wait_stream(aside)
    stream.set_state(before)
    graph, spare = torch.cuda.CUDAGraph(), stream.clone_state()
    graph.register_generator_state(stream)
    try:
        # Other threads of the process may call CUDA meanwhile.
        with torch.cuda.graph(graph, capture_error_mode="thread_local"):
            found = compute()
    except RuntimeError:
        stream.graphsafe_set_state(spare)  # it would go on counting what is drawn as the recording's
        raise

    def replay() -> Tensor:
        graph.replay()
        return found

    return replay
