"""The head of a cluster, by which all machines know each other; imports no ray.

Without it nobody is told that a machine is gone, and a minute later Ray ends this process with exit code 1.
"""

import socket
from time import monotonic
from typing import Final

from keisei_core.errors import DistributionError

LOOK_S: Final = 3.0
"""How often it is looked for."""
ANSWER_S: Final = 1.0
"""How long it may take to answer."""
MISSES: Final = 5
"""How often in turn it may be away: long enough for a start, and far from Ray's minute."""


class Head:
    """What listens at an address; it is there when this is made."""

    def __init__(self, address: str) -> None:
        """Takes HOST:PORT, as Ray writes it."""
        host, _, port = address.rpartition(":")
        self.address = address
        self.place = host.strip("[]"), int(port)
        self.looked_s = monotonic()
        self.misses = 0

    @property
    def is_gone(self) -> bool:
        """True once it has been away for too long; looks for it now and then."""
        if self.misses < MISSES and monotonic() - self.looked_s >= LOOK_S:
            self.misses = 0 if self.answers() else self.misses + 1
            self.looked_s = monotonic()
        return self.misses >= MISSES

    def answers(self) -> bool:
        """Tells whether somebody listens there."""
        try:
            socket.create_connection(self.place, ANSWER_S).close()
        except OSError:
            return False
        return True

    def loss(self) -> DistributionError:
        """Makes the error to end with where it is gone."""
        return DistributionError(
            f"lost the Ray cluster: its head at {self.address} is gone; start it again with its machines, then resume "
            "from the last checkpoint"
        )
