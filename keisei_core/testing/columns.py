"""What is asked of the columns that a part of a run declares."""

from typing import Any

from keisei_core.decide import Column
from keisei_core.testing.contract_error import require


def require_columns(one: Any, other: Any) -> None:
    """Asks for columns that a run can rely on.

    Args:
        one: whatever has columns.
        other: made like it.

    Raises:
        ContractError: its columns are not a tuple of `Column` with names of their own, the same in every object.
    """
    columns: object = getattr(one, "columns", None)
    is_tuple = isinstance(columns, tuple) and all(isinstance(column, Column) for column in columns)
    require(is_tuple, f"columns must be a tuple of keisei_core.decide.Column, got {columns!r}")
    names = [column.name for column in one.columns]
    require(len(set(names)) == len(names), f"columns must have names of their own, got {names}")
    same = one.columns == other.columns == columns
    require(same, f"columns must be the same in every object, got {columns} and {other.columns}")
