"""Words that several threads read and write, and the system's ways to wait; for kernels.

Every operation is sequentially consistent: it happens as a whole, and all threads see the same order.
"""

from collections.abc import Callable
from typing import Any, Final, cast

from numba.core import cgutils, types
from numba.extending import intrinsic

ORDERING: Final = "seq_cst"
WORD_BYTES: Final = 8


def external(name: str, *arguments: Any) -> Callable[..., int]:
    """Names a function of the C library, which takes addresses as integers, as ones that kernels can call."""
    return cast(Callable[..., int], cast(Any, types).ExternalFunction(name, types.int32(*arguments)))


yield_core: Final = external("sched_yield")
"""Lets others have the core; returns at once if nobody wants it."""
lock: Final = external("pthread_mutex_lock", types.uintp)
unlock: Final = external("pthread_mutex_unlock", types.uintp)
sleep_until_woken: Final = external("pthread_cond_wait", types.uintp, types.uintp)
"""Gives the lock (second address) back while it waits on the bell (first address); may wake without cause."""
wake_all: Final = external("pthread_cond_broadcast", types.uintp)
new_lock: Final = external("pthread_mutex_init", types.uintp, types.uintp)
new_bell: Final = external("pthread_cond_init", types.uintp, types.uintp)


def operation(function: Callable[..., Any]) -> Callable[..., int]:
    """Makes a function of types, which returns how to build the code, into one that kernels can call."""
    return cast(Callable[..., int], intrinsic(function))


def _address(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    data = context.make_array(array_type)(context, builder, array).data
    return cast(Any, cgutils).gep_inbounds(builder, data, index)


@operation
def address(typing_context: Any, words: Any, index: Any) -> Any:
    """Returns where `words[index]` is, for functions of the system."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature.args[0], *arguments)
        return builder.ptrtoint(place, context.get_value_type(types.uintp))

    return types.uintp(words, types.int64), lower


@operation
def load(typing_context: Any, words: Any, index: Any) -> Any:
    """Reads `words[index]`."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature.args[0], *arguments)
        return builder.load_atomic(place, ORDERING, WORD_BYTES)

    return types.int64(words, types.int64), lower


@operation
def store(typing_context: Any, words: Any, index: Any, value: Any) -> Any:
    """Writes `words[index]`."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature.args[0], *arguments[:2])
        builder.store_atomic(arguments[2], place, ORDERING, WORD_BYTES)
        return context.get_dummy_value()

    return types.void(words, types.int64, types.int64), lower


@operation
def add(typing_context: Any, words: Any, index: Any, value: Any) -> Any:
    """Adds to `words[index]` and returns what it was before."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature.args[0], *arguments[:2])
        return builder.atomic_rmw("add", place, arguments[2], ORDERING)

    return types.int64(words, types.int64, types.int64), lower


@operation
def exchange_if(typing_context: Any, words: Any, index: Any, expected: Any, value: Any) -> Any:
    """Writes `words[index]` if it is as expected; returns whether it was."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = _address(context, builder, signature.args[0], *arguments[:2])
        pair = builder.cmpxchg(place, arguments[2], arguments[3], ORDERING, ORDERING)
        return builder.extract_value(pair, 1)

    return types.boolean(words, types.int64, types.int64, types.int64), lower
