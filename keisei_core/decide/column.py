"""What is kept of every ply beside its position and its action, as deciders give it and algorithms ask for it."""

import re
from collections.abc import Iterable
from typing import Any, Final

import attrs
import numpy as np
from numpy.typing import NDArray

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")


@attrs.frozen
class Column:
    """One number, or one small array, of every ply.

    Raises:
        ValueError: the name is none, the dtype has no fixed size, or a side of the shape is below 1.
    """

    name: str = attrs.field()
    """Lower case letters, digits and `_`."""
    dtype: np.dtype[Any] = attrs.field(converter=np.dtype)
    shape: tuple[int, ...] = attrs.field(default=())
    """Of one ply: () is one number."""
    default: float | None = attrs.field(default=None, eq=False, kw_only=True)
    """Of who asks: what every ply has where the decider gives no such column; None where it has to."""

    @name.validator
    def _is_name(self, _: object, name: str) -> None:
        if not NAME.fullmatch(name):
            raise ValueError(f"column's name must be lower case letters, digits and _, got {name!r}")

    @shape.validator
    def _is_shape(self, _: object, shape: tuple[int, ...]) -> None:
        if self.dtype.kind not in "biuf" or any(side < 1 for side in shape):
            raise ValueError(f"column {self.name!r} must be of numbers, each side at least 1, got {self}")

    def __str__(self) -> str:
        return f"{self.name} {self.dtype} {list(self.shape)}"

    def empty(self, *leading: int) -> NDArray[Any]:
        """Makes room for a rectangle of plies, filled with the default or else with 0: [*leading, *shape]."""
        return np.full((*leading, *self.shape), self.default or 0, self.dtype)


def columns_problem(part: object) -> str | None:
    """Says what is wrong with the columns that a decider, an algorithm or a teacher declares; None where nothing is."""
    columns: object = getattr(part, "columns", None)
    if not (isinstance(columns, tuple) and all(isinstance(column, Column) for column in columns)):
        return f"columns must be a tuple of keisei_core.decide.Column, got {columns!r}"
    names = [column.name for column in columns]
    return None if len(set(names)) == len(names) else f"columns must have names of their own, got {names}"


def missing_columns(wanted: Iterable[Column], given: Iterable[Column]) -> list[str]:
    """Says for each wanted column that nobody gives what is wanted and what there is instead."""
    by_name = {column.name: column for column in given}
    found = ", ".join(map(str, by_name.values())) or "none"
    absent = [
        column
        for column in wanted
        if column != by_name.get(column.name) and (column.name in by_name or column.default is None)
    ]
    return [f"asks for the column {column}, the decider gives {found}" for column in absent]
