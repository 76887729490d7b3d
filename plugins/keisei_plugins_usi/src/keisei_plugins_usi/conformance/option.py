"""An option as an engine declares it."""

import re
from typing import Final, Self

import attrs

KINDS: Final = ("check", "spin", "combo", "button", "string", "filename")
PATHS: Final = ("string", "filename")
EMPTY: Final = "<empty>"
_FORM: Final = re.compile(r"option\s+name\s+(?P<name>.*?)\s+type\s+(?P<kind>\S+)(?P<rest>.*)$")
_KEYS: Final = re.compile(r"\s(default|min|max|var)(?=\s|$)")


@attrs.frozen
class Option:
    """A line `option name N type T ...`, read as generously as can be."""

    name: str
    kind: str
    default: str | None
    """All that stands behind `default`; None where that is missing."""
    least: str | None
    most: str | None
    values: tuple[str, ...]
    """Of a combo."""

    @classmethod
    def read(cls, line: str) -> Self | None:
        """Reads a line; None where it has no name or no type."""
        found = _FORM.match(line)
        if found is None:
            return None
        pieces = _KEYS.split(found["rest"])
        pairs = [(key, value.strip()) for key, value in zip(pieces[1::2], pieces[2::2], strict=True)]
        first = dict(reversed(pairs))
        values = tuple(value for key, value in pairs if key == "var")
        return cls(found["name"], found["kind"], first.get("default"), first.get("min"), first.get("max"), values)

    def setting(self, value: str | None = None) -> str:
        """Returns the command that sets it, to its default where no value is given."""
        text = self.default if value is None else value
        return (
            f"setoption name {self.name}" if self.kind == "button" else f"setoption name {self.name} value {text or ''}"
        )
