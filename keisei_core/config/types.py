"""Names the types of options in words that a user of a TOML file knows."""

import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

WORDS: Final[Mapping[Any, str]] = {bool: "true or false", int: "integer", float: "number", str: "text"}


def type_words(kind: Any) -> str:
    """Writes a type: `integer`, `list of text`, `fast | slow`, `number, or absent`."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return " | ".join(map(str, parts))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " | ".join(str(member.value) for member in kind)
    if origin in (typing.Union, types.UnionType):
        words = " or ".join(type_words(part) for part in parts if part is not type(None))
        return f"{words}, or absent" if type(None) in parts else words
    if origin in (list, tuple):
        return f"list of {type_words(parts[0])}"
    return WORDS.get(kind, "table")
