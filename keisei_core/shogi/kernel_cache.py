"""Machine code of kernels on disk: safe for processes that start at once, and never a reason to fail.

What is missing, damaged or can't be written costs a compilation, of which a process says one line, and nothing else.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any, ClassVar, Final

import llvmlite
from numba.core.caching import (
    CompileResultCacheImpl,
    FunctionCache,
    IndexDataCacheFile,
    InTreeCacheLocator,
    NullCache,
    UserProvidedCacheLocator,
    UserWideCacheLocator,
)
from numba.core.registry import cpu_target

from keisei_core.first_compile import prepare_to_compile
from keisei_core.shogi.compile_lock import announce, lock_of

DIGEST_BYTES: Final = hashlib.sha256().digest_size
TAKES: Final = "this takes about ten seconds"


class NamedFolder(UserProvidedCacheLocator):
    """The folder of `NUMBA_CACHE_DIR`, with its `~` read as a shell does."""

    def ensure_cache_path(self) -> None:
        """Makes the folder; an OSError sends numba on to the next place."""
        self._cache_path = os.path.abspath(expanded(self._cache_path))
        super().ensure_cache_path()  # type: ignore[no-untyped-call]


class HomeFolder(UserWideCacheLocator):
    """The user's cache folder; where there is no home, numba would make a folder called `~` in the working folder."""

    def ensure_cache_path(self) -> None:
        """Makes the folder; an OSError sends numba on to the next place."""
        self._cache_path = expanded(self._cache_path)
        if not os.path.isabs(self._cache_path):
            raise NotADirectoryError(f"{self._cache_path}: expected an absolute path")
        super().ensure_cache_path()  # type: ignore[no-untyped-call]


def expanded(path: str) -> str:
    """Puts the home folder in the place of `~`; an OSError where there is none."""
    whole = os.path.expanduser(path)
    if whole.startswith("~"):
        raise NotADirectoryError(f"{path}: there is no such home folder")
    return whole


class KernelPlace(CompileResultCacheImpl):
    """Where the machine code of a kernel is looked for and kept: the first of these places that can be written."""

    _locator_classes: ClassVar = [NamedFolder, InTreeCacheLocator, HomeFolder]  # type: ignore[misc]


class CheckedFiles(IndexDataCacheFile):
    """Numba's files of one kernel, index and code, each with the SHA-256 of its content behind it.

    Numba unpickles whatever it finds: damage would end in any exception, or in machine code that computes other things.
    """

    damaged = ""
    """The file that the last look found damaged and why; empty where none was."""

    def load(self, key: Any) -> Any:
        """Returns what is kept under a key; None where it is missing or damaged."""
        self.damaged = ""
        return super().load(key)  # type: ignore[no-untyped-call]

    def _load_index(self) -> Any:
        try:
            self._check(self._index_path)
        except OSError:
            return {}
        return super()._load_index()  # type: ignore[no-untyped-call]

    def _load_data(self, name: str) -> Any:
        self._check(self._data_path(name))  # type: ignore[no-untyped-call]
        return super()._load_data(name)  # type: ignore[no-untyped-call]

    def _check(self, path: str) -> None:
        """Raises an OSError, which numba takes for a miss, if a file is not what was written."""
        try:
            content = Path(path).read_bytes()
            if hashlib.sha256(content[:-DIGEST_BYTES]).digest() != content[-DIGEST_BYTES:]:
                raise OSError("its digest is wrong")
        except FileNotFoundError:
            raise
        except OSError as error:
            self.damaged = f"{path} ({error.strerror or error})"
            raise

    @contextmanager
    def _open_for_write(self, path: str) -> Iterator[BytesIO]:
        if os.path.isdir(path):  # nothing of ours, and in the way
            with suppress(OSError):
                os.rename(path, f"{path}.aside")
        content = BytesIO()
        yield content
        with super()._open_for_write(path) as file:
            file.write(content.getvalue() + hashlib.sha256(content.getvalue()).digest())


class KernelCache(FunctionCache):
    """Numba's disk cache, made safe for code that calls other files and for processes that start at once.

    Numba renews an entry when the function's own file changes, or numba itself; here, when any source of this package
    does, any of the package that the function stands in, or llvmlite. Numba lets processes write the same entry side by
    side, which has mixed up machine code (https://github.com/numba/numba/issues/4807); here one process compiles while
    the others wait and then load.
    """

    _impl_class = KernelPlace

    def __init__(self, function: Callable[..., object]) -> None:
        """Finds a place for a kernel.

        Raises:
            RuntimeError: there is none.
        """
        super().__init__(function)  # type: ignore[no-untyped-call]
        folder = Path(function.__code__.co_filename).parent
        sources = (sources_digest(Path(__file__).parent), sources_digest(folder))
        stamp = (self._impl.locator.get_source_stamp(), *sources, llvmlite.__version__)
        self._files = CheckedFiles(self._cache_path, self._impl.filename_base, stamp)  # type: ignore[no-untyped-call]
        self._cache_file = self._files
        self.folder = str(self._cache_path)
        """Where machine code is kept."""
        self._lock = lock_of(Path(self._cache_path), self._impl.filename_base)

    @property
    def is_kept(self) -> bool:
        """Whether there is machine code on disk for this kind of CPU, for whatever arguments."""
        kind = cpu_target.target_context.codegen().magic_tuple()
        return any(key[1] == kind for key in self._files._load_index())

    def load_overload(self, signature: Any, target_context: Any) -> Any:
        """Loads machine code; on a miss takes the lock, which `save_overload` gives back, and looks again.

        A command compiles what else is missing first, in several processes.
        """
        found = super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
        if found is None and not self._files.damaged:
            prepare_to_compile()
            found = super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
        if found is None:
            self._lock.acquire()
            found = super().load_overload(signature, target_context)  # type: ignore[no-untyped-call]
            if found is None:
                announce("compiling", compiling(self._files.damaged))
            else:
                self._lock.release()
        return found

    def save_overload(self, signature: Any, data: Any) -> None:
        """Saves machine code, if the disk takes it, and gives the lock back."""
        try:
            super().save_overload(signature, data)  # type: ignore[no-untyped-call]
        except OSError as error:
            announce("keeping", f"compiled kernels can't be kept, so the next process compiles again: {error}")
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


class NoCache(NullCache):
    """Stands where no folder takes machine code."""

    def load_overload(self, signature: Any, target_context: Any) -> None:
        """Finds nothing, and says why every process compiles anew."""
        announce(
            "compiling",
            f"compiling kernels; {TAKES}, in every process: neither the installation nor a home folder can be written; "
            "name a folder for them in NUMBA_CACHE_DIR",
        )

    def guarding(self, compile_function: Callable[..., Any]) -> Callable[..., Any]:
        """Returns the compilation as it is: there is no lock."""
        return compile_function


def cache_of(function: Callable[..., object]) -> KernelCache | NoCache:
    """Returns where the machine code of a kernel is kept."""
    try:
        return KernelCache(function)
    except RuntimeError:
        return NoCache()


@cache
def sources_digest(folder: Path) -> str:
    """Returns the SHA-256 of a package's sources, which kernels in several files are compiled from.

    Args:
        folder: where a kernel's file is; of one that is no package nothing counts: a plugin in one file may lie among
            anything.
    """
    digest = hashlib.sha256()
    if (folder / "__init__.py").is_file():
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def compiling(damaged: str) -> str:
    """Says that kernels are compiled, and which file is to blame if they had been before."""
    if damaged:
        return f"compiled kernels are damaged and compiled anew; {TAKES}: {damaged}"
    return f"compiling kernels for this machine; {TAKES}, and only the first time"
