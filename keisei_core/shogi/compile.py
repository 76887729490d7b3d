"""How kernels are compiled: one decorator for all of them, and the one machine instruction numpy lacks."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core import config as numba_config
from numba.core import types
from numba.extending import intrinsic

Kernel = TypeVar("Kernel", bound=Callable[..., object])


def kernel(function: Kernel) -> Kernel:
    """Compiles a function over arrays at its first call and keeps the machine code on disk.

    A kernel takes arrays and integers, writes into arrays and returns numbers; it raises nothing. The disk cache
    notices a change of the kernel's own file only, so kernels that call each other live in one file. With
    `NUMBA_DISABLE_JIT=1` it runs as plain Python.
    """
    return cast(Kernel, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def stage(function: Kernel) -> Kernel:
    """Compiles a part of a kernel that is always inlined, so that splitting a kernel costs no time."""
    return cast(Kernel, numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function))


if numba_config.DISABLE_JIT:

    def trailing_zeros(word: int) -> int:
        """Counts the zero bits below the lowest set bit of `word`, which must not be 0."""
        return (int(word) & -int(word)).bit_length() - 1

else:

    @intrinsic  # type: ignore[misc]
    def trailing_zeros(typing_context: Any, word: Any) -> Any:
        """Counts the zero bits below the lowest set bit of `word`, which must not be 0."""

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            from llvmlite import ir

            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), lower
