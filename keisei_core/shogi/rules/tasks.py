"""Work on rows as an address that any thread may call, with its arguments at another; memory on a kernel's stack.

For kernels. In plain Python work and arguments are looked up instead, by numbers that stand for addresses.
"""

from collections.abc import Callable
from typing import Any, Final, cast

import numpy as np
from numba.core import cgutils, types
from numba.extending import intrinsic

from keisei_core.shogi.compile import IS_COMPILED, signed, stage
from keisei_core.shogi.positions import UInt8Array
from keisei_core.shogi.rules.atomics import operation

ALIGNMENT: Final = 64
"""Bytes of a cache line."""

ON_STACK: Final = 0
"""Stands for the address of arguments on the stack in plain Python."""

_cgutils: Final = cast(Any, cgutils)
_types: Final = cast(Any, types)
_BYTES: Final = _types.Array(_types.uint8, 1, "C")


def _task_type() -> Any:
    from llvmlite import ir

    word = ir.IntType(64)
    return ir.FunctionType(word, [word, word, word])


def looked_up(function: Callable[..., Any]) -> Callable[..., int]:
    """Marks what stands for an operation in plain Python."""
    return function


if not IS_COMPILED:
    _works: dict[int, Callable[..., None]] = {}
    _kept: dict[int, tuple[Any, ...]] = {}

    @looked_up
    def task_of(work: Callable[..., None], arguments: tuple[Any, ...]) -> int:
        """Returns a number that `call` knows work by."""
        _works[id(work)] = work
        return id(work)

    @looked_up
    def keep(arguments: tuple[Any, ...]) -> int:
        """Keeps arguments until others are kept: work is called at once."""
        _kept[ON_STACK] = arguments
        return ON_STACK

    @looked_up
    def num_bytes_of(arguments: tuple[Any, ...]) -> int:
        """Returns 0: memory only gives its address."""
        return 0

    @looked_up
    def keep_at(memory: UInt8Array, arguments: tuple[Any, ...]) -> None:
        """Keeps arguments until others are kept at the same memory."""
        _kept[memory.ctypes.data] = arguments

    @looked_up
    def call(task: int, arguments: int, low: int, high: int) -> int:
        """Does work on rows."""
        _works[task](low, high, *_kept[arguments])
        return 0

    def room(num_bytes: int) -> UInt8Array:
        """Returns uint8 [num_bytes], zeros, on the stack of the function that is not inlined and asks for it."""
        return np.zeros(num_bytes, np.uint8)

else:

    @operation
    def task_of(typing_context: Any, work: Any, arguments: Any) -> Any:
        """Returns the address of a task: of `work(low, high, *arguments)`, which takes its arguments at an address."""
        call = work.get_call_type(typing_context, (types.int64, types.int64, *arguments.types), {})

        def lower(context: Any, builder: Any, signature: Any, _: Any) -> Any:
            from llvmlite import ir

            compiled = work.dispatcher.get_compile_result(call)
            context.add_linking_libs([compiled.library])
            name = f"task_{builder.module.get_unique_name('')}_{compiled.fndesc.mangled_name}"
            task = ir.Function(builder.module, _task_type(), name)
            task.linkage = "internal"
            inside = ir.IRBuilder(task.append_basic_block())
            place, low, high = task.args
            kept = inside.load(inside.inttoptr(place, context.get_value_type(arguments).as_pointer()))
            values = (low, high, *_cgutils.unpack_tuple(inside, kept))
            status, _ = context.call_internal_no_propagate(inside, compiled.fndesc, call, values)
            inside.ret(inside.zext(status.is_error, ir.IntType(64)))
            return builder.ptrtoint(task, ir.IntType(64))

        return types.int64(work, arguments), lower

    @operation
    def keep(typing_context: Any, arguments: Any) -> Any:
        """Returns the address of arguments on the stack, valid until the kernel returns."""

        def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            from llvmlite import ir

            return builder.ptrtoint(_cgutils.alloca_once_value(builder, values[0]), ir.IntType(64))

        return types.int64(arguments), lower

    @operation
    def num_bytes_of(typing_context: Any, arguments: Any) -> Any:
        """Returns how much memory arguments take."""

        def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            from llvmlite import ir

            return ir.Constant(ir.IntType(64), context.get_abi_sizeof(values[0].type))

        return types.int64(arguments), lower

    @operation
    def keep_at(typing_context: Any, memory: Any, arguments: Any) -> Any:
        """Writes arguments to memory, whose owner keeps it, and the arrays among them, as long as a task takes them."""

        def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            place = context.make_array(memory)(context, builder, values[0]).data
            builder.store(values[1], builder.bitcast(place, values[1].type.as_pointer()))
            return context.get_dummy_value()

        return types.void(memory, arguments), lower

    @operation
    def call(typing_context: Any, task: Any, arguments: Any, low: Any, high: Any) -> Any:
        """Calls a task for rows; returns 1 where it raised, as kernels with checked bounds do, else 0."""

        def lower(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            function = builder.inttoptr(values[0], _task_type().as_pointer())
            return builder.call(function, values[1:])

        return types.int64(types.int64, types.int64, types.int64, types.int64), lower

    @intrinsic(prefer_literal=True)
    def room(typing_context: Any, num_bytes: Any) -> Any:
        """Returns uint8 [num_bytes], zeros, on the stack of the function that is not inlined and asks for it."""
        if not isinstance(num_bytes, _types.IntegerLiteral):
            return None

        def lower(context: Any, builder: Any, signature: Any, _: Any) -> Any:
            from llvmlite import ir

            count = ir.Constant(ir.IntType(64), num_bytes.literal_value)
            with builder.goto_entry_block():
                memory = builder.alloca(ir.IntType(8), count)
            memory.align = ALIGNMENT
            _cgutils.memset(builder, memory, count, 0)
            array = context.make_array(_BYTES)(context, builder)
            one = ir.Constant(ir.IntType(64), 1)
            context.populate_array(array, data=memory, shape=[count], strides=[one], itemsize=one, meminfo=None)
            return array._getvalue()

        return _BYTES(num_bytes), lower


@stage
def bind(memory: UInt8Array, work: Callable[..., None], arguments: tuple[Any, ...]) -> int:
    """Makes a task whose arguments lie in memory that its owner keeps; returns its address, 0 if there is no room."""
    if num_bytes_of(arguments) > len(memory):
        return signed(0)
    keep_at(memory, arguments)
    return task_of(work, arguments)
