"""What stands at the top of the page: what was trained, for how long, on what, and whether the clock cut it short."""

from typing import Any

from keisei_core.config.tables import RunTable, SelfPlayTable
from keisei_plugins_report.gather.opinions import Opinions
from keisei_plugins_report.gather.run_files import RunFiles


def head(files: RunFiles, opinions: Opinions) -> dict[str, Any]:
    """Returns the facts; None where the run does not tell them."""
    last = files.metrics[-1] if files.metrics else {}
    run, selfplay = files.config.get("run", {}), files.config.get("selfplay", {})
    planned = run.get("plies", RunTable().plies)
    usual = SelfPlayTable()
    per_update = selfplay.get("games", usual.games) * selfplay.get("rollout_plies", usual.rollout_plies)
    updates = max(1, round(planned / per_update))
    return {
        "update": last.get("update", 0),
        "updates": updates,
        "plies": last.get("plies", 0),
        "planned_plies": updates * per_update,
        "games": last.get("games", 0),
        "seconds": last.get("elapsed_s", 0.0),
        "ended_by": _ended_by(files, last, updates),
        "limit_minutes": run.get("minutes", 0.0),
        "limit_core_minutes": run.get("core_minutes", 0.0),
        "model": str(files.config.get("model", {}).get("name", "")).rpartition(":")[2],
        "algorithm": str(files.config.get("algorithm", {}).get("name", "")).rpartition(":")[2],
        "parameters": opinions.parameters,
        "checkpoint": opinions.checkpoint,
        **{name: files.environment.get(name) for name in ("device", "gpu", "cpu_count", "torch_threads", "python")},
        "packages": _packages(files),
    }


def _ended_by(files: RunFiles, last: dict[str, Any], updates: int) -> str:
    """Returns what ended the training: plies, games or time, whichever is used up; nothing where it goes on."""
    run = files.config.get("run", {})
    if last.get("update", 0) >= updates:
        return "plies"
    if run.get("games") and last.get("games", 0) >= run["games"]:
        return "games"
    if run.get("core_minutes") and last.get("core_s", 0.0) >= 60 * run["core_minutes"]:
        return "core_minutes"
    if run.get("minutes") and files.result:
        return "minutes"
    return ""


def _packages(files: RunFiles) -> list[str]:
    """Returns which distributions the run was made with, each with its version."""
    rows = files.environment.get("plugins") or []
    return sorted({f"{row['distribution']} {row['version']}" for row in rows})
