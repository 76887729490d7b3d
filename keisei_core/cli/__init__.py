"""The command `keisei`: light at start, so that help and listings answer at once."""

from keisei_core.cli.program import main

__all__ = ["main"]
