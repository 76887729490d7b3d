"""Warm-ups: functions that call kernels as they are called later, on a few positions.

Plugins declare them, here they are found and run.

A module of hooks names those of its package in `KEISEI_WARM_UPS`, e.g. `("keisei_plugins_features.warm_up:planes",)`.
"""

import sys
from collections.abc import Iterator
from importlib import import_module
from time import perf_counter
from typing import Any, Final

import attrs

from keisei_core.plugins import Registry
from keisei_core.plugins.plugin import Status
from keisei_core.shogi.compile import KERNELS

DECLARED: Final = "KEISEI_WARM_UPS"


@attrs.frozen
class WarmUp:
    """A function without arguments, and whose it is."""

    target: str
    """`module:function`."""
    owner: str
    """Distribution and version."""


@attrs.frozen(kw_only=True)
class Done:
    """What came of a warm-up."""

    target: str
    owner: str = ""
    compiled: tuple[str, ...] = ()
    """Names of the kernels that were not on disk."""
    seconds: float = 0.0
    problem: str = ""
    """Why it failed; empty where it did not."""


def installed_warm_ups(registry: Registry) -> Iterator[WarmUp]:
    """Yields what installed plugins declare, the core among them; files of `--plugin` declare nothing."""
    for plugin in registry.plugins:
        if plugin.status in (Status.OK, Status.MEDDLES):
            declared = getattr(sys.modules.get(plugin.module), DECLARED, ())
            yield from (WarmUp(str(target), str(plugin.owner)) for target in declared)


def kernels_of(warm_ups: list[WarmUp]) -> list[Any]:
    """Imports the modules of warm-ups and returns the kernels of their packages; one that fails is told later."""
    packages = {warm_up.target.partition(".")[0] for warm_up in warm_ups}
    for warm_up in warm_ups:
        try:
            import_module(warm_up.target.partition(":")[0])
        except Exception:
            continue
    return [kernel for kernel in KERNELS if kernel.py_func.__module__.partition(".")[0] in packages]


def do(target: str) -> Done:
    """Runs a warm-up in this process; whatever it raises is told."""
    before = {id(kernel): num_compiled(kernel) for kernel in KERNELS}
    started, problem = perf_counter(), ""
    try:
        module, _, name = target.partition(":")
        getattr(import_module(module), name)()
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
    seconds = perf_counter() - started
    compiled = tuple(kernel.__name__ for kernel in KERNELS if num_compiled(kernel) > before.get(id(kernel), 0))
    return Done(target=target, compiled=compiled, seconds=seconds, problem=problem)


def num_compiled(kernel: Any) -> int:
    """Returns how many kinds of arguments a kernel was compiled for in this process."""
    return int(sum(kernel.stats.cache_misses.values()))
