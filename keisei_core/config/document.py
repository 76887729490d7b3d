"""What the user wrote: the TOML file and the command line's values over it, each value with its origin."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs
import tomli

from keisei_core.config.paths import near_path
from keisei_core.config.wording import as_toml
from keisei_core.errors import ConfigError


@attrs.frozen
class Override:
    """One value from the command line."""

    key: str
    """`table.key`."""
    value: object
    """A TOML value; where the user typed text see `parse_value`."""
    source: str
    """What the user typed, e.g. `--tower-depth`, for messages."""

    @property
    def path(self) -> tuple[str, ...]:
        """The key's parts, table first."""
        return tuple(part.strip() for part in self.key.split("."))


def parse_value(text: str) -> object:
    """Reads a TOML value from the command line; what is no TOML (a bare word) is a string."""
    try:
        document = tomli.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    # A line break could smuggle in a second key.
    return document["value"] if len(document) == 1 else text


def parse_assignment(text: str) -> Override:
    """Reads `table.key=value`, the form of `--set`.

    Raises:
        ConfigError: there is no `=`, or no key before it.
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError([f"--set {text}: expected table.key=value, got {text!r}"])
    return Override(key.strip(), parse_value(value.strip()), f"--set {text}")


def read_toml(path: Path) -> dict[str, Any]:
    """Reads a TOML file, which must be UTF-8.

    Raises:
        ConfigError: no such file, not readable, not UTF-8, or not TOML (with line and column).
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise ConfigError([f"{path}: no such file{near_path(path)}"]) from None
    except IsADirectoryError:
        raise ConfigError([f"{path}: expected a TOML file, got a folder"]) from None
    except OSError as error:
        raise ConfigError([f"{path}: can't be read: {error.strerror or error}"]) from None
    try:
        return tomli.loads(_decode(path, data))
    except RecursionError:
        raise ConfigError([f"{path}: not valid TOML: nested too deeply"]) from None
    except ValueError as error:
        if isinstance(error, ConfigError):
            raise
        raise ConfigError([f"{path}: not valid TOML: {error}"]) from None


def _decode(path: Path, data: bytes) -> str:
    """Decodes UTF-8 without byte order mark, or says where it is not."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise ConfigError([f"{path}: starts with a byte order mark; save it as UTF-8 without one"])
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        raise ConfigError([f"{path}: not UTF-8: byte 0x{byte:02x} in line {line}; save it as UTF-8"]) from None


@attrs.frozen
class Document:
    """The merged tables, and where each value comes from."""

    source: str
    """The file as the user named it, or `defaults`."""
    file: Mapping[str, Any]
    """The tables as the file has them."""
    merged: Mapping[str, Any]
    """The tables with the command line's values over them."""
    origins: Mapping[tuple[str, ...], str]
    """What the user typed, for each path of keys set on the command line."""
    problems: tuple[str, ...] = ()
    """Command-line values that have no place to go to."""

    @classmethod
    def read(cls, path: Path | None, overrides: Iterable[Override]) -> "Document":
        """Reads a file (None: nothing but defaults) and lays the command line's values over it."""
        file = {} if path is None else read_toml(path)
        return cls.laid("defaults" if path is None else str(path), file, overrides)

    @classmethod
    def laid(cls, source: str, file: Mapping[str, Any], overrides: Iterable[Override]) -> "Document":
        """Lays the command line's values over tables that were read from somewhere."""
        merged = _copy(file)
        origins, problems = {}, []
        for override in overrides:
            if _lay(merged, override):
                origins[override.path] = override.source
            else:
                problems.append(f"{override.source}: expected table.key, got {as_toml(override.key)}")
        return cls(source, file, merged, origins, tuple(problems))

    def origin(self, *path: str) -> str:
        """Says where the value at a path of keys, or the first value inside it, was written."""
        if path in self.origins:
            return self.origins[path]
        above = [source for key, source in self.origins.items() if path[: len(key)] == key]
        inside = [source for key, source in self.origins.items() if key[: len(path)] == path]
        in_file = _has(self.file, path)
        return (above or ([] if in_file else inside) or [self.source])[0]

    def line(self, path: tuple[str, ...], text: str) -> str:
        """Writes a problem with the value at a path of keys: origin, table, text."""
        return f"{self.origin(*path)}: [{'.'.join(path[:-1]) or path[0]}] {text}"


def _copy(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Copies nested tables; other values are shared."""
    return {key: _copy(value) if isinstance(value, dict) else value for key, value in tables.items()}


def _lay(tables: dict[str, Any], override: Override) -> bool:
    """Sets one value, making tables on the way; False if the key is empty or leads through a value."""
    *parents, last = override.path
    if not all(override.path):
        return False
    for parent in parents:
        tables = tables.setdefault(parent, {})
        if not isinstance(tables, dict):
            return False
    tables[last] = override.value
    return True


def _has(tables: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Tells whether the file has something at a path of keys."""
    value: Any = tables
    for key in path:
        if not isinstance(value, dict) or key not in value:
            return False
        value = value[key]
    return True
