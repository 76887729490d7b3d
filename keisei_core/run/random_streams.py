"""The random streams of a run: each has a seed of its own, and one more for every later place where it begins anew."""

from typing import Final

import attrs
import numpy as np

STREAMS: Final = (
    *("network", "games", "act", "order", "openings"),
    *("player", "opponent", "noise", "pool", "starts", "callback"),
)
"""Their names; a seed follows from the place of its name here."""
COMMON: Final = ("network", "openings")
"""Those that are the same on every rank."""


@attrs.frozen
class RandomStreams:
    """Derives the seeds of one process from that of the run."""

    run_seed: int
    """`[run] seed`."""
    rank: int

    def seed(self, stream: str, *later: int) -> int:
        """Returns the seed of a stream, different on every rank but for those that all have in common.

        Args:
            stream: one of `STREAMS`.
            later: where it begins once more in the middle of the run, when.
        """
        rank = 0 if stream in COMMON else self.rank
        sequence = np.random.SeedSequence([self.run_seed, STREAMS.index(stream), rank, *later])
        return int(sequence.generate_state(1)[0])
