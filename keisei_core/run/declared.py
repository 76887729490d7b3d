"""What the parts of a run declare, asked before anything depends on it."""

from collections.abc import Mapping
from typing import Any, Final

from keisei_core.decide.column import columns_problem
from keisei_core.errors import PluginError
from keisei_core.observe import needs_of
from keisei_core.plugins import Choice, Kind

METHODS: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.DECIDER: ("decide",),
    Kind.ALGORITHM: ("learn", "state", "load_state"),
    Kind.TEACHER: ("weight", "teach"),
}


def declared(choice: Choice, part: Any) -> Any:
    """Returns a decider, an algorithm or a teacher that has what its kind must have.

    Raises:
        PluginError: a method is missing, or columns or needs are none; names package and version.
    """
    missing = [name for name in METHODS[choice.kind] if not callable(getattr(part, name, None))]
    problem = f"must have a method {missing[0]}, got none" if missing else columns_problem(part)
    try:
        needs_of(part)
    except PluginError as error:
        problem = problem or str(error)
    if problem is not None:
        raise PluginError(f"{choice.kind} {choice.name!r} of {choice.owner}: {problem}")
    return part
