"""Putting a checkpoint into a training, and saying what becomes of it there."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from keisei_core.checkpoint import Checkpoint
from keisei_core.errors import CheckpointError
from keisei_core.migration import differences_from
from keisei_core.run.training import Training
from keisei_core.run.training_state import AHEAD, within
from keisei_core.shown import command_line, one_line
from keisei_core.streams import say

NO_GAMES: Final = (
    "holds no games: network, optimiser and counters as they were; all games start anew, and so do random streams, "
    "what was played ahead and what the algorithm kept in each process, so what follows is not what an unbroken run "
    "would have made, though the same whenever as many processes go on from here"
)


def take_up(training: Training, checkpoint: Checkpoint, path: Path) -> None:
    """Puts a checkpoint into a training.

    Raises:
        CheckpointError: its planes or its tensors are not those of the training.
    """
    try:
        differences = differences_from(training.settings, training.features, checkpoint.state)
        if not differences:
            training.restore(checkpoint)
    except (AttributeError, LookupError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        reason = f"does not fit the config of its run ({one_line(error)})"
        raise CheckpointError(path, reason, "give the run its old config.toml") from error
    if differences:
        run = path.parent.parent
        migrate = command_line("keisei", "migrate", run, "--to", run / "config.toml")
        remedy = f"type: {migrate}, or: {command_line('keisei', 'resume', run)} --migrate"
        raise CheckpointError(path, f"does not fit the config of its run: {'; '.join(differences)}", remedy)
    if training.backend.rank == 0:
        now = training.backend.world_size
        for line in (*begun_anew(checkpoint, now), *dropped(checkpoint, training.settings.run.lag, now)):
            say(f"note: {path.name}: {line}")


def begun_anew(checkpoint: Checkpoint, now: int) -> Iterator[str]:
    """Says what of a run does not go on where it was, in a line each; nothing where all does.

    Args:
        checkpoint: without games, or made by another number of processes, or neither.
        now: the number of processes.
    """
    made_by = len(checkpoint.ranks)
    if made_by == 0:
        yield NO_GAMES
    if made_by in (0, now):
        return
    yield (
        f"made by {made_by} process{'es' * (made_by > 1)}, goes on with {now}: network, optimiser and counters as they "
        f"were, the games in progress dealt anew; random streams of processes begin anew, so what follows is not what "
        f"{made_by} would have made, though the same whenever {now} go on from here"
    )
    if any(own.state.get("algorithm") or within(own.arrays, "algorithm") for own in checkpoint.ranks):
        yield "what the algorithm kept in each process, such as a window of segments, begins anew"


def dropped(checkpoint: Checkpoint, lag: int, now: int) -> Iterator[str]:
    """Says what becomes of segments that were played ahead with another lag, or by another number of processes."""
    before = checkpoint.state["config"]["run"].get("lag", 0)  # older runs have no such key
    if lag != before:
        yield f"made with [run] lag = {before}, goes on with {lag}: what follows is not what {before} would have made"
    held = [own.state[AHEAD]["segments"] for own in checkpoint.ranks if AHEAD in own.state]
    if any(held) and (lag != before or len(checkpoint.ranks) != now):
        yield f"{len(held[0])} x {len(held)} segments that were played ahead are dropped, the games go on behind them"
