"""Servers of tests, each ended with its test."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent / "parts"))

from serving import Served


@pytest.fixture
def serve() -> Iterator[Callable[..., Served]]:
    """Serves parts on a free port and with one token, unless others are given."""
    with ExitStack() as stack:

        def start(*parts, **settings):
            served = Served(*parts, **settings)
            stack.callback(served.stop)
            return served

        yield start
