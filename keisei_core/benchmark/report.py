"""Measurements side by side as a table."""

from collections.abc import Callable, Sequence
from typing import Any, Final

from keisei_core.arena.table import Table

Measured = dict[str, Any]


def _count(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


def _rate(name: str) -> Callable[[Measured], str]:
    return lambda measured: _count(measured["speed"][name])


def _share(name: str) -> Callable[[Measured], str]:
    return lambda measured: f"{measured['speed'][name]:.2f}"


def _memory(measured: Measured) -> str:
    memory = measured["peak_memory"]
    return f"{memory['bytes'] / 2**20:,.0f} MiB ({memory['of']})"


def _elo(measured: Measured) -> str:
    found = measured["strength"]
    if found is None:
        return ""
    ends = [_end(found["elo_low"], "-inf"), _end(found["elo_high"], "+inf")]
    missing = "+inf" if found["score"] > 0.5 else "-inf"
    return f"{_end(found['elo'], missing)} [{', '.join(ends)}]"


def _end(value: float | None, missing: str) -> str:
    return missing if value is None else f"{value:+.0f}"


def _score(measured: Measured) -> str:
    found = measured["strength"]
    if found is None:
        return ""
    return (
        f"{found['score']:.3f} (W {found['wins']} D {found['draws']} L {found['losses']}, {found['truncated']} cut off)"
    )


def _tactics(rate: str, part: str, whole: str) -> Callable[[Measured], str]:
    def cell(measured: Measured) -> str:
        found = measured["tactics"]
        if found is None:
            return ""
        return "none seen" if found[rate] is None else f"{found[rate]:.3f} ({found[part]:,} of {found[whole]:,})"

    return cell


ROWS: Final[Sequence[tuple[str, Callable[[Measured], str]]]] = (
    ("parameters", lambda measured: f"{measured['parameters']:,}"),
    ("games/s", _rate("games")),
    ("plies/s, all stages", _rate("plies")),
    ("act: network evaluations/s", _rate("act_evaluations")),
    ("environment: plies/s", _rate("environment_plies")),
    ("self-play (act, environment): plies/s", _rate("selfplay_plies")),
    ("update: network evaluations/s (with gradient)", _rate("update_evaluations")),
    ("update: plies/s", _rate("update_plies")),
    ("time: act", _share("act_time")),
    ("time: environment", _share("environment_time")),
    ("time: update", _share("update_time")),
    ("bare network: evaluations/s", _rate("bare_act_evaluations")),
    ("bare network: evaluations/s (with gradient)", _rate("bare_update_evaluations")),
    ("self-play's share of the bare network", _share("selfplay_share")),
    ("update's share of the bare network", _share("update_share")),
    ("peak memory", _memory),
    ("Elo against {opponent}", _elo),
    ("score against {opponent}", _score),
    ("mates in one played", _tactics("mate_rate", "mates_played", "mates")),
    ("moves that leave 5 or more hanging", _tactics("hanging_rate", "hanging", "moves")),
)
"""Label and figure of each row."""


def table(measurements: Sequence[Measured]) -> Table:
    """Returns a column for each subject."""
    opponent = (measurements[0]["strength"] or {}).get("opponent", "")
    rows = [
        [label.format(opponent=opponent), *cells]
        for label, figure in ROWS
        if any(cells := [figure(measured) for measured in measurements])
    ]
    return Table(["", *[measured["subject"] for measured in measurements]], rows)


def footnotes(measurements: Sequence[Measured]) -> list[str]:
    """Returns what was measured where, in a few lines."""
    lines = []
    for measured in measurements:
        machine, versions, config = measured["machine"], measured["versions"], measured["config"]
        weights = (
            f", weights {measured['weights']} of {measured['checkpoint']}" if measured["weights"] else ", untrained"
        )
        network = f"{config['model']['name']} over {config['input']['features']}, {config['precision']['name']}"
        lines.append(
            f"{measured['subject']}: {network}, {config['selfplay']['games']} games x"
            f" {config['selfplay']['rollout_plies']} plies, minibatch {config['learning']['minibatch']}{weights}"
        )
        place = f"{machine['processor']}, {machine['cores']} cores, {machine['threads']} threads, {machine['device']}"
        software = f"keisei {versions['keisei']} ({versions['commit']}), torch {versions['torch']}"
        where = f"{place}; {machine['system']}, Python {versions['python']}, {software}"
        if where not in lines:
            lines.append(where)
    return lines
