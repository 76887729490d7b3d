"""Through all starts of a group of workers: who failed first, whether to start again, what to say of it."""

import signal
from collections.abc import Callable
from time import monotonic
from typing import Final

import attrs

from keisei_core.errors import (
    CheckpointError,
    ConfigError,
    DistributionError,
    DivergedError,
    KeiseiError,
    PluginError,
    RunFolderError,
)
from keisei_core.launching.outcome import Outcome
from keisei_core.streams import say

CAUSE_S: Final = 1.5
"""How long to wait, after workers that only lost another, for that other's own end."""
LOST: Final = DistributionError.exit_code
"""Exit code of a worker that lost another, which is the one to tell of."""
NOT_AGAIN: Final = frozenset(
    error.exit_code for error in (ConfigError, PluginError, CheckpointError, DivergedError, RunFolderError)
)
"""Exit codes of what would only happen once more."""
EXIT_SIGNALLED: Final = 128
"""What a shell adds to the number of the signal that ended a process."""
STOPPED_EARLY: Final = -signal.SIGTERM
"""How a worker ends that is asked to stop before there is anything to save: it gets SIGTERM, whatever came here."""


class Restarts:
    """What became of the workers of one run. A launcher notes how they end, and asks what follows from it.

    It knows ranks and exit codes, and neither processes nor machines, which are the launcher's.
    """

    def __init__(self, num_workers: int, most: int, outcome_of: Callable[[int, int], Outcome | None]) -> None:
        """Begins before the first start.

        Args:
            num_workers: of the group.
            most: how often it may be started again.
            outcome_of: returns what the worker of a rank left in an attempt; None where it left nothing.
        """
        self.num_workers = num_workers
        self.most = most
        self.outcome_of = outcome_of
        self.attempt = 0
        """How often the group was started again."""
        self.stop_requested: signal.Signals | None = None
        """The first signal that asked to stop: nothing is started again after it."""
        self.ends: dict[int, int] = {}
        """Exit codes by rank, negative for a signal, of workers that ended badly by themselves, in that order."""
        self._since_s = 0.0
        self._instead: dict[int, str] = {}

    def begin(self) -> None:
        """Forgets the ends of the attempt before: the workers are about to be started."""
        self.ends, self._instead = {}, {}

    def note(self, rank: int, code: int, instead: str = "") -> None:
        """Takes note of a worker that ended; the first end of a rank counts.

        Args:
            rank: which.
            code: its exit code, negative for a signal; 0 is nothing to note.
            instead: what became of it where there is no exit code to tell, e.g. `is gone with its machine`.
        """
        if not code or rank in self.ends:
            return
        if not self.ends:
            self._since_s = monotonic()
        self.ends[rank] = code
        if instead:
            self._instead[rank] = instead

    @property
    def is_waiting_for_cause(self) -> bool:
        """True where workers only lost another, whose own end is still to come: the group is not to be ended yet."""
        only_lost = bool(self.ends) and set(self.ends.values()) == {LOST}
        return only_lost and len(self.ends) < self.num_workers and monotonic() - self._since_s < CAUSE_S

    @property
    def left(self) -> int:
        """How often the group may still be started again, after what has been noted."""
        hopeless = self.stop_requested or NOT_AGAIN.intersection(self.ends.values())
        return 0 if hopeless else self.most - self.attempt

    def again(self) -> None:
        """Says why the workers are about to be started again, and counts it."""
        rank = self.first_failed()
        ended = self.outcome_of(rank, self.attempt)
        if ended is not None and ended.traceback:
            say(f"keisei: traceback of rank {rank}:\n{ended.traceback.rstrip()}")
        why = f" ({ended.message})" if ended is not None else ""
        self.attempt += 1
        number = f"{self.attempt} of {self.most}"
        say(f"keisei: {self.cause()}{why}; starting again ({number}) from the last checkpoint")

    def first_failed(self) -> int:
        """Returns the rank behind the failure: not one that only lost another."""
        causes = [rank for rank, code in self.ends.items() if code != LOST]
        return (causes or list(self.ends) or [0])[0]

    def cause(self) -> str:
        """Says which worker failed first and how."""
        rank = self.first_failed()
        code = self.ends.get(rank, 0)
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"
        return f"rank {rank} of {self.num_workers} {self._instead.get(rank, how)}"

    def exit_code(self) -> int:
        """Returns the command's exit code once all workers have ended for good.

        Raises:
            KeiseiError: what the worker that failed first raised, or that it left nothing.
            DistributionError: all seem to have ended well, but rank 0 never said that its work is done.
        """
        if not self.ends:
            return self._code_of_rank_0()
        if self.stop_requested and self.ends[self.first_failed()] == STOPPED_EARLY:
            return EXIT_SIGNALLED + self.stop_requested
        raise self._failure()

    def _code_of_rank_0(self) -> int:
        """Returns the exit code that rank 0 left; a library may have ended it unsaid, or no disk had room for that."""
        ended = self.outcome_of(0, self.attempt)
        if ended is None:
            raise DistributionError(
                f"rank 0 of {self.num_workers} ended with exit code 0, but did not say that its work is done; look for "
                "its messages above and for a full disk where temporary files go, then resume from the last checkpoint"
            )
        return ended.code

    def _failure(self) -> KeiseiError:
        """Makes the error to end with; shows a traceback nobody foresaw."""
        rank = self.first_failed()
        ended = self.outcome_of(rank, self.attempt)
        if ended is None:
            return DistributionError(
                f"{self.cause()} and the others were ended; look for its messages above and for the system's (out of "
                "memory?), then resume from the last checkpoint, or let distribution.max_restarts do so"
            )
        if ended.traceback:
            say(f"keisei: traceback of rank {rank}:\n{ended.traceback.rstrip()}")
            ended = attrs.evolve(ended, message=f"rank {rank} of {self.num_workers} failed: {ended.message}")
        return ended.error
