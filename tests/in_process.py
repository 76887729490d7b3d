"""Commands run in the test's own process, where torch is loaded."""

import torch

from keisei_core.cli import main


def exit_code_of(*words: object) -> int:
    """Runs the command and returns its exit code; torch is left with as many threads as it had."""
    threads = torch.get_num_threads()
    try:
        return main([str(word) for word in words])
    finally:
        torch.set_num_threads(threads)
