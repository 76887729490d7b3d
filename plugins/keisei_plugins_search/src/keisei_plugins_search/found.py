"""What searches found in positions that are learned from, as it stands in the columns of plies.

Shape key: N positions, of which G were searched; K moves kept of each.
"""

from collections.abc import Mapping
from typing import Any, Final, Self

import attrs
import numpy as np
from numpy.typing import NDArray

from keisei_core.decide import Column
from keisei_core.learn import MoveWeights
from keisei_plugins_search.findings import Findings
from keisei_plugins_search.nodes import Float32Array, Float64Array, Int16Array
from keisei_plugins_search.policy_targets import improved_policy

KEPT: Final = 24
"""K: with 4 bytes each a ply's policy takes about as much room as its position."""
COLUMNS: Final = (
    Column("is_searched", np.bool_),
    Column("search_action", np.int16, (KEPT,)),
    Column("search_weight", np.float16, (KEPT,)),
    Column("search_value", np.float32),
    Column("search_surprise", np.float32),
)
"""105 bytes a ply; `Found` says what they are."""


@attrs.frozen(eq=False, kw_only=True)
class Found:
    """What is known of N positions; arrays that are filled in place."""

    is_searched: NDArray[np.bool_]
    """bool [N]."""
    action: Int16Array
    """int16 [N, K], moves, the likeliest first; 0 where the weight is 0."""
    weight: NDArray[np.float16]
    """float16 [N, K], probabilities of the policy that the search is worth; 0 where there was none."""
    value: Float32Array
    """float32 [N], of the position for its mover, by the search; where there was none, what it was made with."""
    surprise: Float32Array
    """float32 [N], KL(policy of the search, network's policy) in nats; 0 where there was none."""

    @classmethod
    def nothing(cls, value: Float32Array) -> Self:
        """Begins with nothing searched.

        Args:
            value: float32 [N], of positions that will not be searched; copied.
        """
        number = len(value)
        return cls(
            is_searched=np.zeros(number, np.bool_),
            action=np.zeros((number, KEPT), np.int16),
            weight=np.zeros((number, KEPT), np.float16),
            value=value.astype(np.float32),
            surprise=np.zeros(number, np.float32),
        )

    @classmethod
    def of_columns(cls, columns: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> Self:
        """Copies what was found at play.

        Args:
            columns: of a segment, [T, B, ...] each.
            rows: int64 [N], plies t * B + b.
        """
        found = (columns[column.name].reshape(-1, *column.shape)[rows] for column in COLUMNS)
        is_searched, action, weight, value, surprise = found
        return cls(is_searched=is_searched, action=action, weight=weight, value=value, surprise=surprise)

    def columns(self) -> dict[str, NDArray[Any]]:
        """Returns the arrays under the names of `COLUMNS`."""
        arrays: tuple[NDArray[Any], ...] = (self.is_searched, self.action, self.weight, self.value, self.surprise)
        return {column.name: array for column, array in zip(COLUMNS, arrays, strict=True)}

    def put(self, rows: NDArray[np.int64], findings: Findings, target: str) -> MoveWeights:
        """Fills in what a search found.

        Args:
            rows: int64 [G], which positions were searched.
            findings: of G positions.
            target: which policy the search is worth, see `POLICIES`.

        Returns:
            These policies of the G positions.
        """
        policy = improved_policy(findings, target, KEPT)
        self.is_searched[rows] = True
        self.action[rows], self.weight[rows] = policy.action, policy.weight
        self.value[rows] = findings.value
        self.surprise[rows] = surprise(findings, policy)
        return policy


def surprise(findings: Findings, policy: MoveWeights) -> Float32Array:
    """Returns KL(policy, network's policy) in nats, float32 [G]: how much the search has to tell the network."""
    weight = policy.weight.astype(np.float64)
    prior = np.take_along_axis(findings.log_policy(), policy.action.astype(np.int64), axis=1)
    own = np.log(np.where(weight > 0, weight, 1))
    distance: Float64Array = (weight * np.where(weight > 0, own - prior, 0)).sum(axis=1)
    return np.maximum(distance, 0, dtype=np.float32, casting="same_kind")
