"""Memory is kept by malloc, so that the system need not give it page by page again."""

import resource
from platform import libc_ver

import numpy as np
import pytest

from keisei_core.run.memory import keep_freed_memory

EACH, NUM_ARRAYS = 24 << 20, 4
"""Bytes of an array, and how many: together more than malloc keeps of itself after arrays of that size."""


def pages_of_arrays() -> int:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    arrays = [np.ones(EACH, np.uint8) for _ in range(NUM_ARRAYS)]
    del arrays
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(libc_ver()[0] != "glibc", reason="this malloc is none of glibc's")
def test_arrays_that_were_freed_cost_no_pages_when_they_are_made_again():
    assert keep_freed_memory()
    pages_of_arrays()

    assert min(pages_of_arrays() for _ in range(4)) < 10


def test_malloc_that_has_no_such_settings_is_left_alone(monkeypatch):
    monkeypatch.setattr("keisei_core.run.memory.ctypes.CDLL", lambda name: object())

    assert not keep_freed_memory()
