"""Where a run computes: the device, and how many CPU threads."""

import torch

from keisei_core.config.tables import RunTable
from keisei_core.errors import ConfigError
from keisei_core.run.memory import keep_freed_memory
from keisei_core.shogi import use_crew
from keisei_core.shogi.cores import usable_cores, wished_threads


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
    """Makes torch and the kernels use as many CPU threads as `choose_threads` says; returns how many."""
    threads, _ = choose_threads(table, num_processes)
    torch.set_num_threads(threads)
    use_crew(threads)
    return threads


def choose_threads(table: RunTable, num_processes: int = 1) -> tuple[int, str]:
    """Returns how many CPU threads a process takes, and the limit behind that number if it is an unusual one.

    `[run] threads` wins; where it is 0, it is a share of the cores this process may use, at most `OMP_NUM_THREADS`.

    Args:
        table: of the config.
        num_processes: how many share the cores of this machine.
    """
    if table.threads:
        return table.threads, ""
    share, wished = max(usable_cores() // num_processes, 1), wished_threads()
    if wished is not None and wished < share:
        return wished, "OMP_NUM_THREADS"
    return share, ""


def chosen_device(device: str, threads: int) -> torch.device:
    """Returns the device that a word on the command line means, and makes torch use so many CPU threads (0: all)."""
    table = RunTable(device=device, threads=threads)
    use_threads(table)
    keep_freed_memory()
    return choose_device(table)
