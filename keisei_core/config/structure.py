"""Turns a TOML table into a frozen attrs object: strict types, no unknown key, all problems at once."""

import math
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar

import attrs
from cattrs import AttributeValidationNote, Converter, IterableValidationNote
from cattrs.errors import BaseValidationError, ForbiddenExtraKeysError

from keisei_core.config.checks import TABLE, table_keys
from keisei_core.config.wording import as_toml, did_you_mean

T = TypeVar("T")


@attrs.frozen
class Structured(Generic[T]):
    """A table that was read, as far as it could be."""

    value: T | None
    """Built with defaults in the place of wrong values; None if it can't be built at all."""
    problems: tuple[tuple[str, str], ...]
    """(key, text) of everything wrong."""


def structure(cls: type[T], table: Mapping[str, object]) -> Structured[T]:
    """Reads a table into an attrs class.

    An int is taken where a float is wanted; nothing else is converted: no bool as int, no text as number,
    neither nan nor inf.

    Raises:
        TypeError: `cls` is no attrs class, or a type in it is unknown: a defect of the class, not of the table.
    """
    fields = _fields(cls)
    problems: list[tuple[str, str]] = []
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in fields:
            problems.append((key, f"unknown key {key!r}{did_you_mean(key, fields)}"))
            continue
        try:
            values[key] = _converter().structure(value, fields[key].type or Any)
        except Exception as error:
            problems.extend((key, f"{key}{text}") for text in _reasons(error))
    built, failures = _build(cls, fields, values, frozenset(table))
    return Structured(built, (*problems, *failures))


def unstructure(value: object) -> dict[str, Any]:
    """Turns an attrs object into a TOML table that reads back to it, without what is None or a table by itself."""
    table: dict[str, Any] = _without_none(_converter().unstructure(value))
    apart = table_keys(type(value)) if attrs.has(type(value)) else {}
    return {key: written for key, written in table.items() if key not in apart}


def _fields(cls: type[Any]) -> "dict[str, attrs.Attribute[Any]]":
    """Returns the keys of an attrs class with their real types; those that are tables by themselves stand elsewhere."""
    if not (isinstance(cls, type) and attrs.has(cls)):
        raise TypeError(f"expected an attrs class, got {cls!r}")
    try:
        attrs.resolve_types(cls, include_extras=False)
    except NameError as error:
        raise TypeError(f"{cls.__qualname__}: unknown type in an annotation: {error}") from error
    return {field.name: field for field in attrs.fields(cls) if field.init and TABLE not in field.metadata}


def _build(
    cls: type[T], fields: "Mapping[str, attrs.Attribute[Any]]", values: dict[str, Any], given: frozenset[str]
) -> tuple[T | None, list[tuple[str, str]]]:
    """Builds the object; where its checks fail, runs each by itself, so that all of them are told."""
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in values]
    if missing:
        return None, [(name, f"missing key {name!r}") for name in missing if name not in given]
    try:
        return cls(**values), []
    except Exception as first:
        failures = _failures(cls, fields, values) or [("", str(first))]
    good = {name: value for name, value in values.items() if name not in {name for name, _ in failures}}
    try:
        return cls(**good), failures
    except Exception:
        return None, failures


def _failures(
    cls: type[Any], fields: "Mapping[str, attrs.Attribute[Any]]", values: dict[str, Any]
) -> list[tuple[str, str]]:
    """Runs the check of every given value on an object built without checks."""
    try:
        with attrs.validators.disabled():
            unchecked = cls(**values)
    except Exception as error:
        return [("", str(error))]
    found = []
    for name, value in values.items():
        check = fields[name].validator
        try:
            if check:
                check(unchecked, fields[name], value)
        except Exception as error:
            # attrs' own validators begin with the quoted name
            found.append((name, f"{name} {_message(error).removeprefix(repr(name)).lstrip()}"))
    return found


def _message(error: BaseException) -> str:
    """Returns an exception's text; attrs' own validators carry more arguments than the text."""
    return str(error.args[0]) if error.args else type(error).__name__


def _reasons(error: BaseException, path: str = "") -> Iterable[str]:
    """Flattens what cattrs raised to one text for each wrong value, beginning with its place below the key."""
    if isinstance(error, BaseValidationError):
        for inner in error.exceptions:
            yield from _reasons(inner, path + _place(inner))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        yield from (f"{path}: unknown key {key!r}{did_you_mean(key, known)}" for key in sorted(error.extra_fields))
    elif isinstance(error, KeyError):
        yield f"{path}: missing key {error.args[0]!r}"
    else:
        yield f"{path} {_message(error)}"


def _place(inner: BaseException) -> str:
    """Says where in its parent a nested value stands: `[2]` in a list, `.key` in a table."""
    for note in getattr(inner, "__notes__", ()):
        if isinstance(note, IterableValidationNote):
            return f"[{note.index}]"
        if isinstance(note, AttributeValidationNote):
            return f".{note.name}"
    return ""


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    return [_without_none(item) for item in value] if isinstance(value, (list, tuple)) else value


@cache
def _converter() -> Converter:
    """Returns the strict converter: scalars as they are, lists only from lists, tables only from tables."""
    strict = Converter(forbid_extra_keys=True)
    for scalar in (bool, int, str):
        strict.register_structure_hook(scalar, _exactly(scalar))
    strict.register_structure_hook(float, _number)
    strict.register_structure_hook(Enum, _word)
    strict.register_structure_hook_func(_is_literal, _word)
    strict.register_structure_hook_func(_is_union_of_scalars, _one_of_types)
    _guard(strict, _is_list, list, "a list")
    _guard(strict, _is_table, dict, "a table")
    return strict


def _guard(strict: Converter, covers: Callable[[Any], bool], wanted: type, noun: str) -> None:
    """Puts a type check before what cattrs does itself, which would take any iterable."""
    being_made: set[Any] = set()

    def factory(cls: Any) -> _Hook:
        being_made.add(cls)  # so that the look-up passes this factory by and finds cattrs' own hook
        hook = strict.get_structure_hook(cls, cache_result=False)
        being_made.remove(cls)

        def guarded(value: Any, _: Any) -> Any:
            if not isinstance(value, wanted):
                raise ValueError(f"must be {noun}, got {as_toml(value)}")
            return hook(value, cls)

        return guarded

    strict.register_structure_hook_factory(lambda cls: covers(cls) and cls not in being_made, factory)


_Hook = Callable[[Any, Any], Any]
_NOUNS: Mapping[Any, str] = {bool: "true or false", int: "an integer", str: "a string", float: "a number"}


def _exactly(scalar: type) -> _Hook:
    """Takes a scalar of this very type only; type() because a bool is an int."""

    def hook(value: Any, _: Any) -> Any:
        if type(value) is not scalar:
            raise ValueError(f"must be {_NOUNS[scalar]}, got {as_toml(value)}")
        return value

    return hook


def _number(value: Any, _: Any) -> float:
    """Takes a finite float, or an int that a float can hold."""
    if type(value) not in (int, float):
        raise ValueError(f"must be a number, got {as_toml(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"must be a finite number, got {as_toml(value)}")
    return number


def _is_list(cls: Any) -> bool:
    return typing.get_origin(cls) in (list, tuple)


def _is_table(cls: Any) -> bool:
    return attrs.has(cls) or typing.get_origin(cls) is dict


def _is_literal(cls: Any) -> bool:
    return typing.get_origin(cls) is typing.Literal


def _is_union_of_scalars(cls: Any) -> bool:
    return typing.get_origin(cls) in (typing.Union, types.UnionType) and all(
        part in (*_NOUNS, type(None)) for part in typing.get_args(cls)
    )


def _word(value: Any, cls: Any) -> Any:
    """Takes one value of a Literal or an Enum."""
    is_enum = isinstance(cls, type)
    allowed = [member.value for member in cls] if is_enum else list(typing.get_args(cls))
    for candidate in allowed:
        if type(value) is type(candidate) and value == candidate:
            return cls(value) if is_enum else value
    raise ValueError(f"must be one of {', '.join(map(str, allowed))}, got {as_toml(value)}")


def _one_of_types(value: Any, cls: Any) -> Any:
    """Takes the first member of a union that fits, an int as int before float."""
    parts = [part for part in (bool, int, float, str) if part in typing.get_args(cls)]
    for part in parts:
        try:
            return _converter().structure(value, part)
        except ValueError:
            continue
    raise ValueError(f"must be {' or '.join(_NOUNS[part] for part in parts)}, got {as_toml(value)}")
