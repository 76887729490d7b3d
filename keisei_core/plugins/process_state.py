"""What of this process a plugin may not change while it is loaded: compared afterwards, put back, and told.

Nothing is imported for it: what belongs to a library is looked at where that library is loaded already. What a library
starts with is known for some; there a change is seen even where the plugin was the first to load the library.
"""

import operator
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import ModuleType
from typing import Any, Final

import attrs

SIGNALS: Final = tuple(
    number
    for name in ("HUP", "INT", "QUIT", "TERM", "ALRM", "CHLD", "PIPE", "USR1", "USR2", "TSTP", "CONT", "WINCH", "XCPU")
    if (number := getattr(signal, f"SIG{name}", None)) is not None
)
OWN_LIBRARIES: Final = ("attrs", "cattrs", "click", "numba", "numpy", "pluggy", "safetensors", "tomli", "torch")
"""What Keisei itself imports, maybe later than a plugin that puts something else in its place."""
MOST_ROUNDS: Final = 16
"""A library may draw so many times 624 numbers from Python's generator without being taken for one that seeds it."""
_UNSEEN: Final = object()


@attrs.frozen
class Aspect:
    """One part of the process's state."""

    name: str
    """As the user reads it."""
    module: str
    """The module that the part belongs to, which is given to whatever looks at it."""
    read: Callable[[Any], Any]
    put_back: Callable[[Any, Any], object]
    at_start: Callable[[Any], Any] | None = None
    """What the module begins with; None where that is not known."""
    is_same: Callable[[Any, Any], bool] = operator.eq
    is_harmless: Callable[[Any, Any], bool] = lambda before, now: False
    """Tells of a change that it is put back without a word."""

    def seen(self) -> Any:
        """Returns the value, `_UNSEEN` where the module is not loaded or does not tell."""
        module = sys.modules.get(self.module)
        with suppress(Exception):
            return _UNSEEN if module is None else self.read(module)
        return _UNSEEN

    def restored(self, before: Any) -> bool:
        """Puts a changed value back; tells whether that is to be told."""
        module, now = sys.modules.get(self.module), self.seen()
        if before is _UNSEEN and now is not _UNSEEN and self.at_start is not None:
            before = self.at_start(module)
        if before is _UNSEEN or (now is _UNSEEN and self.module != "os") or self.is_same(before, now):
            return False
        with suppress(Exception):  # e.g. signals outside of the main thread
            self.put_back(module, before)
        return not self.is_harmless(before, now)


class ProcessState:
    """The state at one time."""

    def __init__(self) -> None:
        self._before = [aspect.seen() for aspect in ASPECTS]
        self._threads = set(threading.enumerate())

    def put_back(self) -> list[str]:
        """Puts back what has changed since; returns what that was, and what can't be put back, as a user reads it."""
        changed = [aspect.name for aspect, before in zip(ASPECTS, self._before, strict=True) if aspect.restored(before)]
        return [*changed, *self._left_running()]

    def _left_running(self) -> Iterator[str]:
        for thread in threading.enumerate():
            if thread not in self._threads:
                yield f"threads ({thread.name!r} goes on)"


def _signals(_: ModuleType) -> dict[int, Any]:
    return {number: signal.getsignal(number) for number in SIGNALS}


def _put_signals_back(_: ModuleType, handlers: dict[int, Any]) -> None:
    for number, handler in handlers.items():
        if handler is not None and signal.getsignal(number) is not handler:
            signal.signal(number, handler)


def _timers(signal: Any) -> dict[int, tuple[float, float]]:
    return {timer: signal.getitimer(timer) for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)}


def _same_are_set(before: dict[int, tuple[float, float]], now: dict[int, tuple[float, float]]) -> bool:
    """Compares which timers are set at all: those that are go on."""
    return all(bool(now[timer][0]) == bool(left) for timer, (left, _) in before.items())


def _put_timers_back(signal: Any, before: dict[int, tuple[float, float]]) -> None:
    for timer, times in before.items():
        signal.setitimer(timer, *times)


def _file_modes(os: Any) -> int:
    mask: int = os.umask(0o077)
    os.umask(mask)
    return mask


def _has_all_places(before: list[str], now: list[str]) -> bool:
    """Tells whether modules are still found where they were; a plugin may add places."""
    return set(before) <= set(now)


def _put_places_back(sys: Any, before: list[str]) -> None:
    sys.path[:] = [*before, *(place for place in sys.path if place not in before)]


def _modules(_: ModuleType) -> dict[str, Any]:
    return dict(sys.modules)


def _has_all_modules(before: dict[str, Any], now: dict[str, Any]) -> bool:
    return not any(_strange(before, now)) and all(now.get(name, _UNSEEN) is module for name, module in before.items())


def _put_modules_back(_: ModuleType, before: dict[str, Any]) -> None:
    for name in list(_strange(before, sys.modules)):
        del sys.modules[name]
    sys.modules.update(before)


def _strange(before: dict[str, Any], now: dict[str, Any]) -> Iterator[str]:
    """Yields the names of our own libraries that stand for something that was not imported."""
    for name in OWN_LIBRARIES:
        if name in now and name not in before and getattr(now[name], "__spec__", None) is None:
            yield name


def _working_folder(_: ModuleType) -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None


def _warning_filters(warnings: Any) -> list[Any]:
    return list(warnings.filters)


def _same_for_all(before: list[Any], now: list[Any]) -> bool:
    """Compares the filters that mean every warning; libraries may add to the others."""
    return [one for one in before if _is_for_all(one)] == [one for one in now if _is_for_all(one)]


def _is_for_all(one: Any) -> bool:
    _, message, category, module, line = one
    return message is None and category is Warning and module is None and not line


def _put_filters_back(warnings: Any, before: list[Any]) -> None:
    warnings.filters[:] = before


def _was_drawn_from(before: Any, now: Any) -> bool:
    """Tells whether a state of Python's generator follows from another by drawing numbers, as some libraries do."""
    generator = sys.modules["random"].Random()
    generator.setstate(before)
    for _ in range(MOST_ROUNDS):
        _, (*words, index), _ = generator.getstate()
        if words == list(now[1][:-1]):
            return bool(index <= now[1][-1])
        for _ in range(len(words) - index + 1):
            generator.getrandbits(32)
    return False


def _numpy_random(random: Any) -> tuple[Any, ...]:
    name, key, *rest = random.get_state()
    return (name, key.tobytes(), *rest)


def _put_numpy_random_back(random: Any, state: tuple[Any, ...]) -> None:
    name, key, *rest = state
    random.set_state((name, sys.modules["numpy"].frombuffer(key, dtype="uint32"), *rest))


def _put_torch_random_back(torch: Any, state: bytes) -> None:
    torch.set_rng_state(torch.frombuffer(bytearray(state), dtype=torch.uint8))


ASPECTS: Final = (
    Aspect("module table", "sys", _modules, _put_modules_back, is_same=_has_all_modules),
    Aspect("working folder", "os", _working_folder, lambda os, folder: os.chdir(folder)),
    Aspect("import path", "sys", lambda sys: list(sys.path), _put_places_back, is_same=_has_all_places),
    Aspect("mode of new files", "os", _file_modes, lambda os, mask: os.umask(mask)),
    Aspect("timers", "signal", _timers, _put_timers_back, is_same=_same_are_set),  # before who handles their signals
    Aspect("signal handlers", "signal", _signals, _put_signals_back),
    Aspect(
        "blocked signals",
        "signal",
        lambda signal: signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        lambda signal, blocked: signal.pthread_sigmask(signal.SIG_SETMASK, blocked),
    ),
    Aspect(
        "recursion limit",
        "sys",
        lambda sys: sys.getrecursionlimit(),
        lambda sys, limit: sys.setrecursionlimit(limit),
    ),
    Aspect("warning filters", "warnings", _warning_filters, _put_filters_back, is_same=_same_for_all),
    Aspect(
        "level below which all logging is off",
        "logging",
        lambda logging: logging.root.manager.disable,
        lambda logging, level: logging.disable(level),
        at_start=lambda logging: 0,
    ),
    Aspect(
        "random state of Python",
        "random",
        lambda random: random.getstate(),
        lambda random, state: random.setstate(state),
        is_harmless=_was_drawn_from,
    ),
    Aspect("random state of numpy", "numpy.random", _numpy_random, _put_numpy_random_back),
    Aspect(
        "floating-point errors of numpy",
        "numpy",
        lambda numpy: numpy.geterr(),
        lambda numpy, errors: numpy.seterr(**errors),
    ),
    Aspect(
        "random state of torch",
        "torch",
        lambda torch: torch.get_rng_state().numpy().tobytes(),
        _put_torch_random_back,
    ),
    Aspect(
        "default dtype of torch",
        "torch",
        lambda torch: torch.get_default_dtype(),
        lambda torch, dtype: torch.set_default_dtype(dtype),
        at_start=lambda torch: torch.float32,
    ),
    Aspect(
        "default device of torch",
        "torch",
        lambda torch: torch.get_default_device(),
        lambda torch, device: torch.set_default_device(device),
        at_start=lambda torch: torch.device("cpu"),
    ),
    Aspect(
        "gradient mode of torch",
        "torch",
        lambda torch: torch.is_grad_enabled(),
        lambda torch, is_enabled: torch.set_grad_enabled(is_enabled),
        at_start=lambda torch: True,
    ),
    Aspect(
        "number of threads of torch",
        "torch",
        lambda torch: torch.get_num_threads(),
        lambda torch, count: torch.set_num_threads(count),
    ),
    Aspect(
        "determinism of torch",
        "torch",
        lambda torch: torch.are_deterministic_algorithms_enabled(),
        lambda torch, is_on: torch.use_deterministic_algorithms(is_on),
        at_start=lambda torch: False,
    ),
)
"""The module table first: the others are put back by modules in it."""
