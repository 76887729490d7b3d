"""How kernels are compiled; `kernel_cache` keeps their machine code on disk.

A kernel takes arrays and integers, writes into arrays and returns numbers; it raises nothing and makes no arrays.
With `NUMBA_DISABLE_JIT=1` it runs as plain Python.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast

import numba
import numpy as np
from numba.core import types
from numba.extending import intrinsic

from keisei_core.shogi.kernel_cache import cache_of
from keisei_core.shogi.kernel_compiler import InnerCompiler, KernelCompiler

Kernel = TypeVar("Kernel", bound=Callable[..., object])

IS_COMPILED: Final = not cast(Any, numba).config.DISABLE_JIT
IS_BOUNDS_CHECKED: Final = bool(cast(Any, numba).config.BOUNDSCHECK)
"""With `NUMBA_BOUNDSCHECK=1` a kernel raises an IndexError where it would leave an array."""
OPTIONS: Final[dict[str, Any]] = {
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
    "no_cfunc_wrapper": True,
    "pipeline_class": KernelCompiler,
}
"""No reference counts (`_nrt`): they would cost about 200 ns a ply, and a kernel that makes no arrays needs none."""
INNER_OPTIONS: Final = OPTIONS | {"no_cpython_wrapper": True, "pipeline_class": InnerCompiler}
KERNELS: Final[list[Any]] = []
"""All compiled kernels of this process, in the order in which their modules were imported."""

signed: Final = cast(Callable[[Any], int], np.int64)
"""Widens a number read from an array. Arguments of inner functions pass through it: for each integer type that one of
them is called with it would be compiled again."""
unsigned: Final = cast(Callable[[Any], int], np.uint64)
"""Makes an index that can't be negative, without which a loop over an array uses no vector instructions. Never add
it to a signed number that is not a constant: the sum would be a float."""

_njit = cast(Callable[..., Any], numba.njit)


def kernel(function: Kernel) -> Kernel:
    """Compiles a function at its first call and keeps the machine code on disk; Python may call it."""
    dispatcher = _njit(**OPTIONS)(function)
    if IS_COMPILED:
        dispatcher._cache = cache = cache_of(function)
        dispatcher._compiler.compile = cache.guarding(dispatcher._compiler.compile)
        KERNELS.append(dispatcher)
    return cast(Kernel, dispatcher)


def inner(function: Kernel) -> Kernel:
    """Compiles a function that only kernels call."""
    return cast(Kernel, _njit(**INNER_OPTIONS)(function))


def stage(function: Kernel) -> Kernel:
    """Compiles a part of a kernel that is always inlined, so that cutting a kernel into parts costs no time."""
    return cast(Kernel, _njit(**INNER_OPTIONS, forceinline=True)(function))


if not IS_COMPILED:

    def trailing_zeros(word: int) -> int:
        """Counts the zero bits below the lowest set bit of `word`, which must not be 0."""
        return (int(word) & -int(word)).bit_length() - 1

    def word_at(array: Any, place: int) -> int:
        """Reads eight bytes of a uint8 array from a place on as one number, the first byte lowest."""
        return int.from_bytes(array[int(place) : int(place) + 8].tobytes(), "little")

else:

    @intrinsic
    def trailing_zeros(typing_context: Any, word: Any) -> Any:
        """Counts the zero bits below the lowest set bit of `word`, which must not be 0."""

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            from llvmlite import ir

            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), lower

    @intrinsic
    def word_at(typing_context: Any, array: Any, place: Any) -> Any:
        """Reads eight bytes of a uint8 array from a place on as one number, the first byte lowest."""

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            from llvmlite import ir

            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            place = builder.bitcast(builder.gep(data, [arguments[1]]), ir.PointerType(ir.IntType(64)))
            return builder.load(place, align=1)

        return types.int64(array, types.int64), lower
