"""What is asked of the columns that a part of a run declares."""

from typing import Any

from keisei_core.decide.column import columns_problem
from keisei_core.testing.contract_error import require


def require_columns(one: Any, other: Any) -> None:
    """Asks for columns that a run can rely on.

    Args:
        one: whatever has columns.
        other: made like it.

    Raises:
        ContractError: its columns are not a tuple of `Column` with names of their own, the same in every object.
    """
    problem = columns_problem(one)
    require(problem is None, f"{problem}")
    same = one.columns == other.columns == one.columns
    require(same, f"columns must be the same in every object, got {one.columns} and {other.columns}")
