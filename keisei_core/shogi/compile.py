"""How kernels are compiled, and how their machine code is kept on disk.

A kernel takes arrays and integers, writes into arrays and returns numbers; it raises nothing and makes no arrays.
With `NUMBA_DISABLE_JIT=1` it runs as plain Python.
"""

import fcntl
import hashlib
import logging
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, TextIO, TypeVar, cast

import numba
import numpy as np
from numba.core import types
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.extending import intrinsic

Kernel = TypeVar("Kernel", bound=Callable[..., object])

IS_COMPILED: Final = not cast(Any, numba).config.DISABLE_JIT
IS_BOUNDS_CHECKED: Final = bool(cast(Any, numba).config.BOUNDSCHECK)
"""With `NUMBA_BOUNDSCHECK=1` a kernel raises an IndexError where it would leave an array."""
OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
"""No reference counts (`_nrt`): they would cost about 200 ns a ply, and a kernel that makes no arrays needs none."""

signed: Final = cast(Callable[[Any], int], np.int64)
"""Widens a number read from an array. Arguments of inner functions pass through it: for each integer type that one of
them is called with it would be compiled again."""
unsigned: Final = cast(Callable[[Any], int], np.uint64)
"""Makes an index that can't be negative, without which a loop over an array uses no vector instructions. Never add
it to a signed number that is not a constant: the sum would be a float."""

MAX_WAIT_S: Final = 120.0
"""A process that holds the lock longer is taken for hung, and no longer waited for."""

logger = logging.getLogger("keisei")


_njit = cast(Callable[..., Any], numba.njit)


def kernel(function: Kernel) -> Kernel:
    """Compiles a function at its first call and keeps the machine code on disk; Python may call it."""
    dispatcher = _njit(**OPTIONS)(function)
    if IS_COMPILED:
        dispatcher._cache = KernelCache(function)
        dispatcher._compiler.compile = dispatcher._cache.guarding(dispatcher._compiler.compile)
    return cast(Kernel, dispatcher)


def inner(function: Kernel) -> Kernel:
    """Compiles a function that only kernels call."""
    return cast(Kernel, _njit(**OPTIONS, no_cpython_wrapper=True)(function))


def stage(function: Kernel) -> Kernel:
    """Compiles a part of a kernel that is always inlined, so that cutting a kernel into parts costs no time."""
    return cast(Kernel, _njit(**OPTIONS, no_cpython_wrapper=True, forceinline=True)(function))


class KernelCache(FunctionCache):
    """Numba's disk cache, made safe for code that calls other files and for processes that start at once.

    Numba renews an entry when the function's own file changes; here, when any source of this package does. Numba
    lets processes write the same entry side by side, which has mixed up machine code
    (https://github.com/numba/numba/issues/4807); here one process compiles while the others wait and then load.
    """

    def __init__(self, function: Callable[..., object]) -> None:
        super().__init__(function)  # type: ignore[no-untyped-call]
        stamp = (self._impl.locator.get_source_stamp(), sources_digest())
        self._cache_file = IndexDataCacheFile(self._cache_path, self._impl.filename_base, stamp)  # type: ignore[no-untyped-call]
        self._lock = lock_of(Path(self._cache_path))

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Loads machine code; on a miss takes the lock, which `save_overload` gives back, and looks again."""
        found = super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
        if found is None:
            self._lock.acquire()
            found = super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
            if found is None:
                announce("compiling kernels for this machine; this takes about ten seconds, and only the first time")
            else:
                self._lock.release()
        return found

    def save_overload(self, signature: Any, data: Any) -> None:
        """Saves machine code, if the disk takes it, and gives the lock back."""
        try:
            super().save_overload(signature, data)  # type: ignore[no-untyped-call]
        except OSError as error:
            announce(f"compiled kernels can't be kept, so the next process compiles again: {error}")
        finally:
            self._lock.release()

    def guarding(self, compile_function: Callable[..., Any]) -> Callable[..., Any]:
        """Makes numba's compilation give the lock back where it fails, since nothing is saved then."""

        def compile_or_give_up(*arguments: Any) -> Any:
            try:
                return compile_function(*arguments)
            except BaseException:
                self._lock.release()
                raise

        return compile_or_give_up


class CompileLock:
    """A lock between processes on a cache folder. The system gives it back when a process dies.

    Within the process it may be taken again while it is held: a kernel that calls another compiles both.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "keisei-kernels.lock"
        self._file: TextIO | None = None
        self._depth = 0

    def acquire(self) -> None:
        """Waits until no other process compiles into this folder."""
        self._depth += 1
        if self._depth > 1:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("w")
            self._wait(time.monotonic() + MAX_WAIT_S)
        except OSError as error:
            # Some network file systems have no locks; compiling twice is the lesser harm.
            logger.debug("no lock on %s: %s", self._path, error)

    def _wait(self, give_up_at: float) -> None:
        while True:
            try:
                fcntl.flock(cast(TextIO, self._file), fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > give_up_at:
                    raise
                announce("waiting for another process that compiles kernels for this machine")
                time.sleep(0.1)

    def release(self) -> None:
        """Lets the next process in, unless the lock was taken more often than given back."""
        self._depth -= 1
        if self._depth == 0 and self._file is not None:
            self._file.close()
            self._file = None


@cache
def lock_of(folder: Path) -> CompileLock:
    """Returns the one lock of this process on a folder."""
    return CompileLock(folder)


@cache
def sources_digest() -> str:
    """Returns the SHA-256 of this package's sources, which kernels in several files are compiled from."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def announce(message: str) -> None:
    """Says, once in a process, why nothing seems to happen."""
    logger.warning(message)


if not IS_COMPILED:

    def trailing_zeros(word: int) -> int:
        """Counts the zero bits below the lowest set bit of `word`, which must not be 0."""
        return (int(word) & -int(word)).bit_length() - 1

else:

    @intrinsic
    def trailing_zeros(typing_context: Any, word: Any) -> Any:
        """Counts the zero bits below the lowest set bit of `word`, which must not be 0."""

        def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            from llvmlite import ir

            return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 1))

        return types.int64(types.int64), lower
