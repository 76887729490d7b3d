"""Successive halving: candidates that train for longer and longer, fewer and fewer of them; what is over is in a file.

Knows nothing of how a candidate trains, and where a study's figures are shown.
"""

import json
import time
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import product
from math import ceil
from pathlib import Path
from statistics import fmean
from typing import Any, Final

import attrs

from keisei_core.arena import find_network

ROOT: Final = Path(__file__).parents[1]
"""What paths of networks are relative to."""
KEPT: Final = 1 / 3
"""Share of a rung's candidates that the next one has, at least one."""

Changes = Mapping[str, Any]
"""Keys of the config and what they are set to."""
Line = Mapping[str, Any]
"""What came of one run."""


@attrs.frozen(kw_only=True)
class Task:
    """One run: who trains for how long, from which seed."""

    study: "Study"
    candidate: str
    core_s: float
    seed: int

    @property
    def changes(self) -> Changes:
        """What the recipe is changed by."""
        return self.study.candidates[self.candidate]

    @property
    def folder(self) -> str:
        """Its name, which no other run has."""
        parts = [self.changes, self.study.origin, self.study.met]
        digest = sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]
        return f"{self.study.name}-{self.core_s:g}s-{digest}-{self.seed}"


@attrs.frozen(kw_only=True)
class Study:
    """Candidates, and the rungs that they have to climb."""

    name: str
    about: str
    rungs: tuple[float, ...]
    """Core-seconds of training."""
    seeds: tuple[int, ...]
    """How many runs of each candidate there are at each rung."""
    start: str
    """The network that all of them begin with, a path; empty: each begins with a new one."""
    origin: str
    """Digest of its weights, by which results are kept: another network may come to lie there; empty without one."""
    opponents: tuple[str, ...]
    """Whom each run plays at its end, by its policy."""
    searched: tuple[str, ...]
    """Whom it plays with a search."""
    candidates: Mapping[str, Changes]
    """By their names; what the study changes for all of them is in each."""

    @property
    def met(self) -> tuple[str, ...]:
        """Names of the matches that each run plays."""
        return *self.opponents, *map(by_search, self.searched)

    @classmethod
    def of(cls, name: str, table: Mapping[str, Any]) -> "Study":
        """Reads a study's table.

        Raises:
            SystemExit: it has not as many seeds as rungs, or two candidates of one name.
            CheckpointError: the network that it begins with can't be read.
        """
        if len(table["rungs"]) != len(table["seeds"]):
            raise SystemExit(f"[{name}]: expected as many seeds as rungs, got {table['seeds']}")
        shared, start = table.get("changes", {}), table.get("start", "")
        chosen = [candidate(parts, shared) for parts in product(*table["axes"].values())]
        if len(dict(chosen)) < len(chosen):
            raise SystemExit(f"[{name}]: expected candidates of different names, got {[name for name, _ in chosen]}")
        return cls(
            name=name,
            about=table["about"],
            rungs=tuple(table["rungs"]),
            seeds=tuple(table["seeds"]),
            start=start,
            origin=find_network(ROOT / start).digest if start else "",
            opponents=tuple(table["opponents"]),
            searched=tuple(table.get("searched", ())),
            candidates=dict(chosen),
        )

    def tasks(self, rung: int, names: Sequence[str]) -> Iterator[Task]:
        """Yields the runs of a rung, seed after seed, so that what is done when time is over is done for all."""
        for seed, name in product(range(self.seeds[rung]), names):
            yield Task(study=self, candidate=name, core_s=self.rungs[rung], seed=seed)


def studies(path: Path) -> dict[str, Study]:
    """Reads all studies of a file, by their names.

    Raises:
        SystemExit: one of them is none.
    """
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Study.of(name, table) for name, table in tables.items()}


def by_search(opponent: str) -> str:
    """Returns the name of the match in which a run's network searches."""
    return f"searching against {opponent}"


def candidate(parts: Sequence[Mapping[str, Any]], shared: Changes) -> tuple[str, Changes]:
    """Returns the name of what stands on these entries of the axes, and all keys that it changes.

    Args:
        parts: an entry of each axis.
        shared: what its study changes for all candidates; an entry that has the same key wins.
    """
    changes = {**shared, **{key: value for part in parts for key, value in part.items() if key != "name"}}
    return ", ".join(part.get("name") or called(part) for part in parts), changes


def called(changes: Changes) -> str:
    """Writes keys without their tables, and their values."""
    return ", ".join(f"{key.rpartition('.')[2]} {value}" for key, value in changes.items())


class Results:
    """The runs that are over, in a file of lines; by another recipe, changes, origin or opponents they don't count."""

    def __init__(self, path: Path, recipe: Path) -> None:
        """Reads what is there; a line that was cut off is forgotten."""
        self.path = path
        self.recipe = sha256(recipe.read_bytes()).hexdigest()[:12]
        self.lines: list[Line] = []
        for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            try:
                self.lines.append(json.loads(text))
            except json.JSONDecodeError:
                continue

    def add(self, task: Task, found: Line) -> None:
        """Writes down what came of a run, behind what others wrote and what was cut off."""
        known = {"study": task.study.name, "candidate": task.candidate, "core_s": task.core_s, "seed": task.seed}
        decisive = {"changes": task.changes, "start": task.study.origin, "recipe": self.recipe}
        self.lines.append({**known, **found, **decisive})
        is_cut_off = self.path.exists() and not self.path.read_bytes().endswith(b"\n")
        with self.path.open("a", encoding="utf-8") as file:
            file.write("\n" * is_cut_off + json.dumps(self.lines[-1]) + "\n")

    def of(self, study: Study, core_s: float, name: str) -> list[Line]:
        """Returns the runs of a candidate at a rung, by their seeds."""
        wanted = {"study": study.name, "core_s": core_s, "candidate": name, "recipe": self.recipe}
        wanted |= {"changes": study.candidates[name], "start": study.origin}
        met = set(study.met)
        found = [line for line in self.lines if wanted.items() <= line.items() and set(line["points"]) == met]
        return sorted(found, key=lambda line: int(line["seed"]))

    def by_earlier_recipes(self) -> list[Line]:
        """Returns the runs of recipes that this one has replaced, as they were written."""
        return [line for line in self.lines if line["recipe"] != self.recipe]

    def score(self, study: Study, core_s: float, name: str) -> float:
        """Returns the mean score of a candidate at a rung."""
        return fmean(line["score"] for line in self.of(study, core_s, name))


def best(results: Results, study: Study, rung: int, names: Sequence[str]) -> list[str]:
    """Returns the candidates of a rung that go on to the next, the best first; of equals, those stated first."""
    ranked = sorted(names, key=lambda name: -results.score(study, study.rungs[rung], name))
    return ranked[: max(1, ceil(KEPT * len(names)))]


def search(study: Study, results: Results, run: Callable[[Task], Line], end: float) -> Iterator[Task]:
    """Runs what is not done yet, rung after rung; yields each run that was made.

    Args:
        study: whose candidates these are.
        results: what is over, added to.
        run: trains, and returns what came of it: a score among other figures.
        end: of the clock `time.monotonic`, after which no run begins.
    """
    names = list(study.candidates)
    for rung, core_s in enumerate(study.rungs):
        for task in study.tasks(rung, names):
            if any(line["seed"] == task.seed for line in results.of(study, core_s, task.candidate)):
                continue
            if time.monotonic() > end:
                return
            results.add(task, run(task))
            yield task
        names = best(results, study, rung, names)
