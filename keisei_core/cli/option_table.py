"""Where the options of a component stand in a config."""

from typing import Final

_TABLES: Final = {
    "features": "input.{name}",
    "start": "",
    "teacher": "teaching.{name}",
    "player": "evaluation.{name}",
    "tracker": "tracking.{name}",
    "callback": "run.{name}",
}
"""By kind, where it is not the table of the kind."""


def option_table(kind: str, reference: str) -> str:
    """Returns the table of a component's options, without brackets; empty where they stand behind its name.

    Args:
        kind: of the component.
        reference: its name, with the distribution where names are shared.
    """
    return _TABLES.get(kind, kind).format(name=reference)
