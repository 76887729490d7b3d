"""What a minibatch tells of itself, kept on the device until somebody looks."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from torch import Tensor


class Told(Mapping[str, float]):
    """The figures of one minibatch by name, means over all processes; looking at one waits for the device."""

    def __init__(self, names: Sequence[str], tensor: Tensor, read: Callable[[Tensor], list[float]]) -> None:
        """Takes over what was told.

        Args:
            names: of the F figures.
            tensor: float32 [F + 2], the figures, the loss, and 1 where this process was asked to stop, else 0.
            read: returns the numbers of such a tensor as means over all processes.
        """
        self._places = {name: place for place, name in enumerate(names)}
        self.tensor = tensor
        self._read = read
        self._numbers: list[float] | None = None

    def look(self) -> None:
        """Waits for the device, unless somebody has looked already."""
        if self._numbers is None:
            self._numbers = self._read(self.tensor)

    def know(self, numbers: list[float]) -> None:
        """Takes the numbers, read together with others."""
        self._numbers = numbers

    @property
    def is_known(self) -> bool:
        """True once somebody has looked."""
        return self._numbers is not None

    @property
    def is_finite(self) -> bool:
        """Whether the loss is finite on every process."""
        return math.isfinite(self._all()[-2])

    @property
    def is_asked_to_stop(self) -> bool:
        """Whether any process was asked to stop."""
        return self._all()[-1] > 0

    def __getitem__(self, name: str) -> float:
        return self._all()[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def _all(self) -> list[float]:
        self.look()
        assert self._numbers is not None
        return self._numbers
