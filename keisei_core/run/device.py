"""Where a run computes: the device, and how many CPU threads."""

import os

import torch

from keisei_core.config.tables import RunTable
from keisei_core.errors import ConfigError
from keisei_core.shogi import use_crew


def choose_device(table: RunTable) -> torch.device:
    """Returns the device of `[run] device`; auto takes a GPU if there is one.

    Raises:
        ConfigError: cuda was asked for where torch sees none.
    """
    has_gpu = torch.cuda.is_available()
    if table.device == "cuda" and not has_gpu:
        raise ConfigError(["[run] device: cuda was asked for, but torch sees no CUDA device; write cpu or auto"])
    return torch.device("cuda" if has_gpu and table.device != "cpu" else "cpu")


def use_threads(table: RunTable, num_processes: int = 1) -> int:
    """Makes torch and the kernels use `[run] threads` threads, or a share of the cores this process may use.

    Args:
        table: of the config.
        num_processes: how many share the cores of this machine.

    Returns:
        How many threads.
    """
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = table.threads or max(available // num_processes, 1)
    torch.set_num_threads(threads)
    use_crew(threads)
    return threads


def chosen_device(device: str, threads: int) -> torch.device:
    """Returns the device that a word on the command line means, and makes torch use so many CPU threads (0: all)."""
    table = RunTable(device=device, threads=threads)
    use_threads(table)
    return choose_device(table)
