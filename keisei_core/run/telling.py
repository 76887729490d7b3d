"""How a run is told of by its command: how much at its start, what became of it in words or as JSON."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from keisei_core.output import answer
from keisei_core.run.folder import from_here
from keisei_core.run.metrics import Counters
from keisei_core.shown import command_line

EXIT_DONE: Final = 0
EXIT_STOPPED: Final = 75
"""Stopped by a signal after saving: EX_TEMPFAIL, on which schedulers start a job again."""


@attrs.frozen(kw_only=True)
class Outcome:
    """What became of a run."""

    folder: Path
    """Absolute."""
    counters: Counters
    saved_update: int
    """The update of the newest checkpoint."""
    is_trained: bool = True
    """False where it was stopped before its end."""
    result: dict[str, Any] | None = None
    """How the matches at the end went, as result.json has it; None where they are left to play."""
    lines: tuple[str, ...] = ()
    """The result for a person."""
    made: Mapping[str, Path] = attrs.field(factory=dict)
    """Files that plugins made of the run, by the names of their entry points; see `made_of_run`."""

    @property
    def exit_code(self) -> int:
        """Of the command."""
        return EXIT_DONE if self.is_trained else EXIT_STOPPED

    @property
    def resume(self) -> str | None:
        """The command that goes on, None where nothing is left."""
        return None if self.result else command_line("keisei", "resume", from_here(self.folder))

    @property
    def shown_lines(self) -> tuple[str, ...]:
        """The result for a person, and behind it what was made of the run."""
        return (*self.lines, *(f"{name}: {from_here(path)}" for name, path in self.made.items()))

    def to_data(self) -> dict[str, Any]:
        """Returns it as JSON-able data; `schema` changes when a reader would have to."""
        return {
            "schema": 1,
            "run": str(from_here(self.folder)),
            "state": "stopped" if not self.is_trained else "trained" if self.result is None else "complete",
            "saved_update": self.saved_update,
            **attrs.asdict(self.counters),
            "result": self.result,
            "made": {name: str(from_here(path)) for name, path in self.made.items()},
            "resume": self.resume,
        }


@attrs.frozen(kw_only=True)
class Telling:
    """What a command about runs is asked to tell."""

    is_verbose: bool = False
    """Every plane, layer, setting and plugin at the start."""
    is_json: bool = False
    """One JSON object on stdout in the place of lines."""

    def answer(self, lines: tuple[str, ...], data: dict[str, Any]) -> None:
        """Writes a result to stdout."""
        for line in (json.dumps(data, indent=2),) if self.is_json else lines:
            answer(line)
