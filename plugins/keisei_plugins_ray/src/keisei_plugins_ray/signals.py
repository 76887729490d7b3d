"""Signals to the launcher, kept until its main thread looks: a handler runs inside of Ray's own calls.

What a handler raises there comes out of them as another error, and a call of Ray from it might wait for itself.
"""

import signal
from collections import deque


class Signals:
    """What came since it was last looked at; the methods are what `forwarding` calls."""

    def __init__(self) -> None:
        self.to_tell: deque[signal.Signals] = deque()
        """For the workers."""
        self.ended_by: signal.Signals | None = None
        """The signal that ends the workers at once."""

    def tell(self, number: signal.Signals) -> None:
        """Keeps a signal for the workers."""
        self.to_tell.append(number)

    def end(self, number: signal.Signals) -> None:
        """Notes that the workers are to be ended at once."""
        self.ended_by = number
