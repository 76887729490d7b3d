"""The scoreboard as a page: a table for each recipe, with a row for each rung and a column for each seed and player."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final

from keisei_core.arena.table import Table
from keisei_core.shown import shown

HEAD: Final = """\
# Time to rung

Core-minutes of training until a recipe holds its own against each player of the ladder: the time of all threads of the
process, matches included; recipes are trained without any. Made by `keisei benchmark RECIPE --to-rung`.
"""
CHANCE: Final = (
    "A figure is that of the first of many checkpoints. With 320 games at most, one that is exactly even is taken to"
    " have reached the rung 8 times of 100; where six are, one of them 38 times, where eight score from .35 to .49, 9"
    " times: a rung may be told some checkpoints early."
)
"""How often that errs; see `Rule`."""
Entry = Mapping[str, Any]
"""A recipe, seed and way to play, with what came of each rung: JSON-able data."""


def page(entries: Sequence[Entry]) -> str:
    """Returns the page in Markdown."""
    parts = [HEAD]
    for _, held in groupby(entries, lambda entry: (entry["recipe"], entry["config"])):
        parts.append("\n".join(_section(list(held))))
    return "\n".join(parts)


def _section(entries: Sequence[Entry]) -> Iterator[str]:
    yield f"## {shown(entries[0]['recipe'])}"
    yield ""
    yield f"{shown(' '.join(['Settings', *entries[0]['changes']]))} (digest `{entries[0]['config']}`)"
    yield ""
    yield table(entries).markdown()
    yield ""
    yield from (f"- {line}" for line in notes(entries))
    yield ""


def table(entries: Sequence[Entry]) -> Table:
    """Returns a row for each rung that any of the entries has."""
    rungs = list(dict.fromkeys(found["rung"] for entry in entries for found in entry["rungs"]))
    columns = [{found["rung"]: cell(found) for found in entry["rungs"]} for entry in entries]
    return Table(["rung", *_heads(entries)], [[rung, *(column.get(rung, "") for column in columns)] for rung in rungs])


def _heads(entries: Sequence[Entry]) -> list[str]:
    """Returns what tells the columns apart."""
    is_one = len({entry["recipe"] for entry in entries}) == 1
    names = ["" if is_one else f"{entry['recipe']}, " for entry in entries]
    return [f"{name}{entry['player']}, seed {entry['seed']}" for name, entry in zip(names, entries, strict=True)]


def cell(found: Mapping[str, Any]) -> str:
    """Says when a rung was reached, and in brackets when it was tested last and was not."""
    if found["reached"] is None:
        last = found["tested"][-1]
        return f"not in {last['core_minutes']:.3g} ({last['score']:.2f})"
    missed = "first" if found["missed"] is None else f"{found['missed']:.3g} no"
    return f"{found['reached']:.3g} ({missed})"


def notes(entries: Sequence[Entry]) -> Iterator[str]:
    """Yields what stands below a table: how to read it, and what was trained where."""
    yield (
        "`12.5 (9.9 no)`: reached after 12.5 core-minutes, not yet after 9.9, the checkpoint tested before; nothing"
        " between was tested. `first`: the first one did. `not in 340 (0.25)`: not reached, and the last score."
    )
    rules = [entry["rule"] for entry in entries]
    for number, rule in enumerate(rules):
        if rule not in rules[:number]:
            heads = [head for head, other in zip(_heads(entries), rules, strict=True) if other == rule]
            yield _legend(rule, "" if len(heads) == len(entries) else f" ({'; '.join(heads)})")
    yield CHANCE
    yield from dict.fromkeys(f"seed {entry['seed']}: {line}" for entry in entries for line in _facts(entry))


def _legend(rule: Mapping[str, Any], whose: str) -> str:
    return (
        f"Reached{whose}: the 95 % interval of the score lies at .50 or above, looked at after"
        f" {rule['first_games']} games and whenever they have doubled, up to {rule['most_games']}; random openings,"
        f" each with both colours. Checkpoints lie a factor of {rule['growth']:g} apart."
    )


def _facts(entry: Entry) -> Iterator[str]:
    machine, versions = entry["machine"], entry["versions"]
    place = ", ".join(f"{machine[key]}{what}" for key, what in _PLACE if key in machine)
    software = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    length = f"{entry['core_minutes']:.1f} core-minutes, {entry['plies']:,} plies"
    yield f"{length}; {place}; {software}; commit {entry['commit']}"
    yield from (f"left out: {rung} ({reason})" for rung, reason in entry["left_out"].items())


_PLACE: Final = (("processor", ""), ("cores", " cores"), ("threads", " threads"), ("gpu", ""))
