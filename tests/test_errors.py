"""Every error goes through pickle and copy as it is: launchers and pools of processes hand them on that way."""

import copy
import inspect
import pickle
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import keisei_core
from keisei_core.errors import CheckpointError, KeiseiError

SAMPLES = {"problems": ["one", "two"], "reasons": ["one", "two"], "path": Path("r"), "reason": "torn", "remedy": "go"}
"""What constructors take, by the names of their parameters."""


class OfAPluginError(CheckpointError):
    """One that another package derives, with a constructor of its own."""

    def __init__(self, host: str) -> None:
        super().__init__(Path(host), "is gone")
        self.host = host


def kinds(cls: type[KeiseiError] = KeiseiError) -> Iterator[type[KeiseiError]]:
    """Yields a class and all that are derived from it."""
    yield cls
    for derived in cls.__subclasses__():
        yield from kinds(derived)


def all_kinds() -> list[type[KeiseiError]]:
    for area in ("config", "plugins", "cli"):  # the others declare theirs in `errors`, as their imports tell
        for module in walk_packages([str(Path(keisei_core.__file__).parent / area)], f"keisei_core.{area}."):
            import_module(module.name)
    # Nothing of what other tests derive, which a process of tests may know already.
    ours = {cls for cls in kinds() if cls.__module__.startswith("keisei") or cls is OfAPluginError}
    return sorted(ours, key=lambda cls: cls.__name__)


def made(cls: type[KeiseiError]) -> KeiseiError:
    parameters = inspect.signature(cls.__init__).parameters
    wanted = [name for name in parameters if name not in ("self", "args", "kwargs")]
    return cls(*[SAMPLES.get(name, name) for name in wanted] or ["expected a, got b"])


@pytest.mark.parametrize("cls", all_kinds(), ids=lambda cls: cls.__name__)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_error_that_is_pickled_comes_back_as_it_was(cls: type[KeiseiError], protocol: int) -> None:
    error = made(cls)
    error.add_note("raised in plugin keisei-plugins-x 1.0")

    back = pickle.loads(pickle.dumps(error, protocol))

    assert (type(back), str(back), vars(back)) == (cls, str(error), vars(error))
    assert (back.exit_code, back.__notes__) == (error.exit_code, ["raised in plugin keisei-plugins-x 1.0"])


def test_error_that_is_copied_is_the_same() -> None:
    error = made(CheckpointError)

    assert vars(copy.copy(error)) == vars(error)


def test_exit_code_of_one_error_is_kept() -> None:
    error = KeiseiError("in a worker")
    error.exit_code = 5

    assert pickle.loads(pickle.dumps(error)).exit_code == 5
