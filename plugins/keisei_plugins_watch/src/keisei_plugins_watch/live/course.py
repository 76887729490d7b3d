"""How a run goes, for the section above the report: its state, how far it is, how long it takes, its last match."""

from enum import StrEnum
from typing import Any

from keisei_core.plugins.changed_settings import plain_text
from keisei_core.run.folder import from_here
from keisei_core.run.metrics import Outlook
from keisei_core.shown import command_line
from keisei_plugins_report.gather.run_files import RunFiles
from keisei_plugins_watch.live.run_process import Phase, RunProcess


class State(StrEnum):
    """Of a run."""

    WAITING = "waiting"
    """It has not begun: there is no config yet."""
    STARTING = "starting"
    TRAINING = "training"
    MATCHES = "matches"
    """It is trained, and plays the matches at its end."""
    STOPPING = "stopping"
    """It was asked to save and end."""
    STOPPED = "stopped"
    """Nobody trains it, and something is left to do."""
    ENDED = "ended"
    GONE = "gone"
    """Its folder is there no more."""
    HIDDEN = "hidden"
    """Whether somebody trains it can't be told."""


def course(files: RunFiles, head: dict[str, Any], process: RunProcess, *, is_gone: bool) -> dict[str, Any]:
    """Returns how a run goes, as the page takes it.

    Args:
        files: what it wrote.
        head: as the report has it.
        process: that trains it.
        is_gone: whether its folder is gone.
    """
    outlook = _outlook(files, head)
    return {
        "state": State.GONE if is_gone else state_of(files, outlook, process),
        "pid": process.pid,
        "share": round(outlook.share, 4) if files.metrics else 0.0,
        "left_s": round(outlook.left_s) if files.metrics else None,
        "match": last_match(files),
        "saved": _newest_checkpoint(files),
        "resume": command_line("keisei", "resume", from_here(files.path)),
    }


def state_of(files: RunFiles, outlook: Outlook, process: RunProcess) -> State:
    """Tells the state of a run whose folder is there."""
    if process.phase == Phase.READY:
        return State.MATCHES if files.metrics and outlook.is_over else State.TRAINING
    if process.phase in (Phase.STARTING, Phase.STOPPING):
        is_done = process.phase == Phase.STARTING and bool(files.result)
        return State.ENDED if is_done else State(process.phase)
    if not files.config:
        return State.WAITING
    if files.result:
        return State.ENDED
    return State.HIDDEN if process.phase == Phase.HIDDEN else State.STOPPED


def last_match(files: RunFiles) -> dict[str, Any] | None:
    """Returns the newest match against the configured opponent; None before the first."""
    row = next((row for row in reversed(files.metrics) if row.get("score") is not None), None)
    if row is None:
        return None
    opponent = plain_text(files.config.get("evaluation", {}).get("opponent", ""))
    figures = {name: row.get(f"score_{name}") for name in ("low", "high")}
    return {"update": row["update"], "opponent": opponent, "score": row["score"], **figures}


def _outlook(files: RunFiles, head: dict[str, Any]) -> Outlook:
    return Outlook(
        done=head["update"],
        total=head["updates"],
        elapsed_s=head["seconds"] or 0.0,
        limit_s=60 * (head["limit_minutes"] or 0.0),
        core_s=files.metrics[-1].get("core_s", 0.0) if files.metrics else 0.0,
        limit_core_s=60 * (head["limit_core_minutes"] or 0.0),
        games=head["games"],
        limit_games=files.config.get("run", {}).get("games", 0),
        finishing_s=None,
    )


def _newest_checkpoint(files: RunFiles) -> str:
    """Returns the name of the newest checkpoint, empty where there is none."""
    names = (path.name for path in (files.path / "checkpoints").glob("update-*") if path.is_dir())
    return max(names, default="")
