"""How well values foretell results: correlation, log loss and reliability, beside what material alone would tell.

Knows nothing of games; see `value_sample.py`. Shape key: N positions.
"""

from typing import Any, Final, Self

import attrs
import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]

NUM_BINS: Final = 5
MOST_CERTAIN: Final = 0.999
"""A chance counts as no nearer to 0 and 1, or a single surprise would outweigh all else."""
STEEPEST: Final = 5.0
"""Of the fitted logistic, a pawn."""
MARGIN: Final = 0.01
"""Nats by which a value must be worse than material before it is told: what one number fitted to some 50 games may gain
on these very games."""


@attrs.frozen(kw_only=True)
class Foresight:
    """How well one number a position, -1 to 1 and seen by its mover, foretells the result."""

    correlation: float | None
    """Pearson's, with the results; None where either never changes."""
    log_loss: float
    """Nats: mean of -ln of the chance that (1 + number) / 2 gave to what came, half of each for a draw; .693 knows
    nothing."""
    bins: tuple[tuple[float, float], ...]
    """Fifths of the positions, lowest numbers first: mean number, and mean result, which a reliable one equals."""

    @classmethod
    def of(cls, numbers: Float64Array, results: Float64Array) -> Self:
        """Compares.

        Args:
            numbers: float64 [N], at least one.
            results: float64 [N], 1 the mover won, 0 drawn, -1 lost.
        """
        parts = np.array_split(np.argsort(numbers, kind="stable"), min(NUM_BINS, len(numbers)))
        return cls(
            correlation=correlation_of(numbers, results),
            log_loss=log_loss_of((1 + numbers) / 2, (1 + results) / 2),
            bins=tuple((float(numbers[part].mean()), float(results[part].mean())) for part in parts),
        )

    def figures(self, name: str) -> dict[str, float]:
        """Returns the numbers under names that begin with `name`; bins count from 1."""
        found = {f"{name}_log_loss": self.log_loss}
        if self.correlation is not None:
            found[f"{name}_correlation"] = self.correlation
        for number, (said, came) in enumerate(self.bins, start=1):
            found |= {f"{name}_bin_{number}": said, f"{name}_bin_{number}_result": came}
        return found

    def text(self) -> str:
        """Says it in a few words."""
        log_loss = f"log loss {self.log_loss:.3f}"
        return log_loss if self.correlation is None else f"correlation {self.correlation:+.2f}, {log_loss}"


@attrs.frozen(kw_only=True)
class ValueQuality:
    """The values of a network, and material alone, over the same positions."""

    positions: int
    """N."""
    value: Foresight
    material: Foresight
    """Of the logistic of the material balance whose steepness fits these very results best."""

    @classmethod
    def of(cls, values: NDArray[np.float32], balances: NDArray[np.float32], results: Float64Array) -> Self:
        """Compares a network's values with material.

        Args:
            values: float32 [N], V, seen by the mover; at least one.
            balances: float32 [N], material balance seen by the mover, in pawns.
            results: float64 [N], 1 the mover won, 0 drawn, -1 lost.
        """
        by_material = fitted_material(balances.astype(np.float64), results)
        value = Foresight.of(values.astype(np.float64), results)
        return cls(positions=len(results), value=value, material=Foresight.of(by_material, results))

    @property
    def is_worse_than_material(self) -> bool:
        """Whether counting pieces foretells results better."""
        return self.value.log_loss > self.material.log_loss + MARGIN

    def figures(self) -> dict[str, float]:
        """Returns all of it as figures of an update."""
        return {
            "value_positions": self.positions,
            **self.value.figures("value"),
            **self.material.figures("material"),
        }

    def to_data(self) -> dict[str, Any]:
        """Returns JSON-able data."""
        return {**attrs.asdict(self), "is_worse_than_material": self.is_worse_than_material}

    def text(self) -> str:
        """Says it in a line."""
        told = f"{self.value.text()}; material alone {self.material.text()}; {self.positions:,} positions"
        return f"{told}; the value is worse than material alone" if self.is_worse_than_material else told


FIGURES: Final = frozenset(
    {"value_positions"}
    | {f"{name}_{end}" for name in ("value", "material") for end in ("correlation", "log_loss")}
    | {
        f"{name}_bin_{number}{end}"
        for name in ("value", "material")
        for number in range(1, NUM_BINS + 1)
        for end in ("", "_result")
    }
)
"""All names that `ValueQuality.figures` uses."""


def correlation_of(numbers: Float64Array, results: Float64Array) -> float | None:
    """Returns Pearson's correlation, None where either is the same everywhere."""
    if numbers.std() == 0 or results.std() == 0:
        return None
    return float(np.corrcoef(numbers, results)[0, 1])


def log_loss_of(chances: Float64Array, points: Float64Array) -> float:
    """Returns the mean log loss in nats.

    Args:
        chances: float64 [N], of a win.
        points: float64 [N], 1, .5 or 0.
    """
    chances = np.clip(chances, 1 - MOST_CERTAIN, MOST_CERTAIN)
    return float(-(points * np.log(chances) + (1 - points) * np.log1p(-chances)).mean())


def fitted_material(balances: Float64Array, results: Float64Array) -> Float64Array:
    """Returns the value that fits results best of all that are tanh(steepness * balance), float64 [N].

    The log loss is convex in the steepness, so its slope is followed to where it is 0 by halving.
    """
    low, high = -STEEPEST, STEEPEST
    while high - low > 1e-6:
        steepness = (low + high) / 2
        if float(((np.tanh(steepness * balances) - results) * balances).sum()) > 0:
            high = steepness
        else:
            low = steepness
    fitted: Float64Array = np.tanh((low + high) / 2 * balances)
    return fitted
