"""How the network was trained, as lines of the card."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from keisei_core.card.about import ONE_PROCESS

UNKNOWN: Final = "unknown"
MINUTE_S: Final = 60


def training_lines(about: Mapping[str, Any]) -> Iterator[str]:
    """Yields a table of the facts."""
    yield "| | |"
    yield "|---|---|"
    yield from (f"| {name} | {value} |" for name, value in _facts(about))


def settings_lines(about: Mapping[str, Any]) -> Iterator[str]:
    """Yields the settings that are not at their defaults."""
    if about["settings"] is None:
        yield from ("", "Its settings are unknown, except for what the network itself is made of (`network.json`).")
    elif about["settings"]:
        yield from ("", "Settings that are not at their defaults:", "", "```")
        yield from (f"{key} = {value}" for key, value in about["settings"])
        yield "```"


def _facts(about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    parts, counters, commit = about["parts"], about["counters"], about["commit"]
    yield "planes", f"`{about['features'] or UNKNOWN}`"
    yield "learning", ", ".join(_learning(about)) or UNKNOWN
    if not about["is_begun_anew"]:
        yield (
            "begun with",
            "another network, brought to these settings; curves begin with this run",
        )
    for name in ("plies", "games"):
        yield f"{name} of self-play", f"{counters[name]:,}" if name in counters else UNKNOWN
    yield "time", _time(about)
    yield "machine", _machine(about)
    yield "precision", f"`{parts['precision']}`" if "precision" in parts else UNKNOWN
    yield "commit of Keisei", f"`{commit}`" if commit else UNKNOWN
    yield "made with", ", ".join([*about["plugins"], *_versions(about)]) or UNKNOWN


def _learning(about: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"`{about['parts'][part]}`" for part in ("algorithm", "optimizer") if part in about["parts"])
    if about["teachers"]:
        yield f"taught by `{about['teachers']}`"


def _time(about: Mapping[str, Any]) -> str:
    """Says how long, and what cores computed meanwhile: as measured, by older runs at most; of one process alone."""
    counters, threads = about["counters"], about["versions"].get("threads")
    if not counters.get("elapsed_s"):
        return UNKNOWN
    minutes, core_minutes = counters["elapsed_s"] / MINUTE_S, counters.get("core_s", 0.0) / MINUTE_S
    if about["parts"].get("distribution") != ONE_PROCESS or not threads:
        return f"{minutes:.1f} minutes"
    spent = f"{core_minutes:.1f}" if core_minutes else f"at most {minutes * threads:.1f}"
    return f"{spent} core-minutes ({minutes:.1f} minutes of {threads} thread{'s' * (threads > 1)})"


def _machine(about: Mapping[str, Any]) -> str:
    machine = about["machine"]
    if not machine:
        return UNKNOWN
    cores = f"{machine['cpu_count']} cores" if machine.get("cpu_count") else ""
    gpu = machine.get("gpu") or "no GPU used"
    return ", ".join(filter(None, (machine.get("processor", ""), cores, gpu)))


def _versions(about: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} {about['versions'][name]}" for name in ("torch", "python") if name in about["versions"])
