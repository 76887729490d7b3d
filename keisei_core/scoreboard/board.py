"""The scoreboard as a file: an entry for each recipe, seed and way to play; a new one takes the place of its like."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from keisei_core.config.paths import file_errors
from keisei_core.errors import ConfigError
from keisei_core.scoreboard.climb import Reached
from keisei_core.scoreboard.journey import Journey
from keisei_core.scoreboard.page import Entry, page
from keisei_core.scoreboard.rule import Rule

SCHEMA: Final = 1
KEY: Final = ("recipe", "config", "seed", "player")
"""What makes two entries the same; one that is tested again, by whatever rule, takes the place of the other."""


def entry_of(
    journey: Journey,
    simulations: int,
    reached: Sequence[Reached],
    *,
    left_out: Mapping[str, str],
    rule: Rule,
) -> dict[str, Any]:
    """Returns an entry as JSON-able data.

    Args:
        journey: what was tested.
        simulations: as in `Climb.climb`.
        reached: what came of it.
        left_out: rungs that are not installed, with the reason.
        rule: by which it was tested.
    """
    return {
        "recipe": journey.recipe,
        "changes": list(journey.changes),
        "config": journey.config,
        "seed": journey.seed,
        "player": f"simulations={simulations}" if simulations else "policy",
        "core_minutes": round(journey.stops[-1].core_minutes, 3),
        "plies": journey.stops[-1].plies,
        **journey.place,
        "rule": attrs.asdict(rule),
        "rungs": [rung.to_data() for rung in reached],
        "left_out": dict(left_out),
    }


class Scoreboard:
    """The entries in a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry]:
        """Returns what stands in the file, nothing where there is none.

        Raises:
            ConfigError: it can't be read, or holds something else.
        """
        if not self.path.exists():
            return []
        with file_errors(self.path, "read"):
            text = self.path.read_text(encoding="utf-8")
        try:
            held = json.loads(text)
            if held["schema"] != SCHEMA:
                raise ValueError(f"schema {held['schema']!r}")
            return [entry for entry in held["entries"] if all(key in entry for key in KEY)]
        except (ValueError, KeyError, TypeError) as error:
            told = f"expected a scoreboard of schema {SCHEMA} ({error})"
            raise ConfigError([f"{self.path}: {told}; name another folder"]) from error

    def put(self, entry: Entry) -> list[Entry]:
        """Writes an entry, in the place of one of the same recipe, seed and player, and the page of all; returns all.

        Raises:
            ConfigError: the file can't be written.
        """
        others = [held for held in self.entries() if any(held[key] != entry[key] for key in KEY)]
        entries = sorted([*others, entry], key=lambda held: [str(held[key]).rjust(4) for key in KEY])
        with file_errors(self.path, "written"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text(json.dumps({"schema": SCHEMA, "entries": entries}, indent=1) + "\n", encoding="utf-8")
            self.path.with_suffix(".md").write_text(page(entries), encoding="utf-8")
        return entries
