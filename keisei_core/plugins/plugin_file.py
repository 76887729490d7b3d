"""A plugin in one file, asked for by its path: hooks like those of a package, and the things themselves beside them.

Its module is called after its name and its content (`idea_3fa9c1d2e0ab`), so that two versions of a file may be loaded
side by side: a match of two runs needs both. What is in use in this process is held here.
"""

import importlib.util
import keyword
import sys
from collections.abc import Iterable
from importlib.abc import SourceLoader
from pathlib import Path
from types import ModuleType
from typing import Final

import attrs

from keisei_core.errors import ConfigError
from keisei_core.plugins.plugin import Owner

FOLDER: Final = "plugins"
"""Where a run and an export keep the files that they were made with."""
VERSION_LENGTH: Final = 12
"""Digits of the SHA-256 that stand for a version."""
INSTALLATIONS: Final = {"site-packages", "dist-packages"}


@attrs.frozen
class PluginFile:
    """The content of a file at the time it was read, which is what counts, whatever becomes of the file."""

    path: Path
    """Absolute."""
    source: bytes = attrs.field(repr=False)
    sha256: str = attrs.field(init=False)

    @sha256.default
    def _digest(self) -> str:
        import hashlib  # few processes load a file, and help is to answer at once

        return hashlib.sha256(self.source).hexdigest()

    @classmethod
    def read(cls, path: Path) -> "PluginFile":
        """Reads a file.

        Raises:
            ConfigError: it is not there or can't be read, or Python could not import it by its name.
        """
        if path.suffix != ".py":
            raise ConfigError([f"{path}: expected a Python file, idea.py say; a package is installed by pip instead"])
        if not path.stem.isidentifier() or keyword.iskeyword(path.stem):
            told = f"expected a name of letters, digits and _ before .py, got {path.name!r}"
            raise ConfigError([f"{path}: {told}; rename the file"])
        try:
            return cls(path.absolute(), path.read_bytes())
        except OSError as error:
            what = "no such file" if isinstance(error, FileNotFoundError) else error.strerror or str(error)
            raise ConfigError([f"{path}: {what}"]) from error

    @property
    def name(self) -> str:
        """What stands for it where a package has its distribution's name: `idea.py`."""
        return self.path.name

    @property
    def stem(self) -> str:
        """What its own targets call its module: `idea`."""
        return self.path.stem

    @property
    def module_name(self) -> str:
        """What its module is called in this process."""
        return f"{self.stem}_{self.sha256[:VERSION_LENGTH]}"

    @property
    def owner(self) -> Owner:
        """Whom its components belong to."""
        return Owner(self.name, self.sha256[:VERSION_LENGTH], sha256=self.sha256)

    def module(self) -> ModuleType:
        """Imports it, once in a process; raises whatever it raises."""
        name = self.module_name
        if name not in sys.modules:
            spec = importlib.util.spec_from_loader(name, _ContentLoader(self))
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[name] = module  # before it runs, as attrs and dataclasses look there for a class's module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[name]
                raise
        return sys.modules[name]

    def own_target(self, target: str) -> str:
        """Turns a target in this file, `idea:Thing`, into that of the module as it is called in this process."""
        module, colon, attribute = target.partition(":")
        return f"{self.module_name}{colon}{attribute}" if module == self.stem else target


class _ContentLoader(SourceLoader):
    """Runs what was read, not what stands in the file by now, and leaves no byte code behind."""

    def __init__(self, file: PluginFile) -> None:
        self.file = file

    def get_filename(self, fullname: str) -> str:
        """Returns the path, for tracebacks."""
        return str(self.file.path)

    def get_data(self, path: str | bytes) -> bytes:
        """Returns the source."""
        return self.file.source


_in_use: Final[dict[str, PluginFile]] = {}


def files_in_use() -> tuple[PluginFile, ...]:
    """Returns the files that this process loads beside what is installed."""
    return tuple(_in_use.values())


def use_files(files: Iterable[PluginFile]) -> None:
    """Lets this process load files beside what is installed, from the next `load_registry` on.

    Raises:
        ConfigError: another file of the same name is in use.
    """
    for file in files:
        other = _in_use.setdefault(file.name, file)
        if other.sha256 != file.sha256:
            raise ConfigError(
                [f"{file.path}: another file of this name is in use, {other.path}; rename one, or leave one out"]
            )


def forget_files() -> None:
    """Loads no file any more, for a process that goes on after a command."""
    _in_use.clear()


def write_copies(files: Iterable[PluginFile], home: Path) -> None:
    """Writes files into the folder `plugins` of a run or an export, each whole or not at all.

    Raises:
        ConfigError: another file of the same name lies there.
        OSError: it can't be written.
    """
    for file in files:
        copy = home / FOLDER / file.name
        if copy.exists() and copy.read_bytes() == file.source:
            continue
        if copy.exists():
            raise ConfigError([f"{copy}: exists already and is never written over; name another folder"])
        copy.parent.mkdir(exist_ok=True)
        beside = copy.with_name(f"{copy.name}.tmp")
        beside.write_bytes(file.source)
        beside.replace(copy)


def refuse_taken_name(path: Path) -> None:
    """Refuses a file that is called like a module of Python or of an installed package: its targets would mean both.

    A single file elsewhere that Python could import by this name may well be this one, or what it is a copy of.

    Raises:
        ConfigError: it is.
    """
    try:
        found = importlib.util.find_spec(path.stem)
    except ValueError:  # `__main__`
        found = None
    is_package = found is not None and found.submodule_search_locations is not None
    is_installed = found is not None and bool(INSTALLATIONS.intersection(Path(found.origin or "").parts))
    if path.stem in sys.stdlib_module_names or path.stem == "__main__" or is_package or is_installed:
        raise ConfigError([f"{path}: is called like the installed module {path.stem!r}; rename the file"])
