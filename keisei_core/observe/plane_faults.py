"""What can be wrong with planes and is seen at once: asked by the test kit, and by a run before it begins.

Shape key: N positions, c channels of the planes asked.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from keisei_core.observe.feature_set import FeatureSet
from keisei_core.observe.planes import CompiledPlanes, FeaturePlanes
from keisei_core.shogi.positions import Positions, UInt8Array

LARGEST: Final = 255
MARKS: Final = (0, 0xA5)
"""What stands in the memory before planes are written; no plane may depend on it."""


def planes_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Says what is wrong first with planes of these positions; None where nothing is found."""
    return next(filter(None, (ask(planes, positions) for ask in QUESTIONS)), None)


def input_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Asks whether encoding reads positions and changes nothing in them, which arrays for kernels do not prevent."""
    given = positions[np.arange(len(positions))]
    try:
        FeatureSet([planes]).encode(given)
    except ValueError as error:
        if "read-only" not in str(error):
            raise
        return f"encode must not change positions, got {error}"
    before, after = positions.arrays(), given.arrays()
    changed = [name for name in before if not np.array_equal(before[name], after[name])]
    return f"encode must not change positions, it changed {', '.join(changed)}" if changed else None


def overflow_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Asks whether all that is written fits a byte; kernels are not watched, only numpy is."""
    if isinstance(planes, CompiledPlanes):
        return None
    watched = np.zeros((len(positions), len(planes.channels), 9, 9), np.uint8).view(_Watched)
    try:
        with np.errstate(invalid="raise"):
            planes.encode(positions, watched)
    except (FloatingPointError, OverflowError) as error:
        return f"planes must be written as whole numbers 0 to {LARGEST}, got {error}"
    return None


def neighbour_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Asks whether only the planes' own channels are written, not those before and after them."""
    for mark in MARKS:
        whole = np.full((len(positions), len(planes.channels) + 2, 9, 9), mark, np.uint8)
        planes.encode(positions, whole[:, 1:-1])
        if not bool((whole[:, [0, -1]] == mark).all()):
            return "encode must write its own channels only, it wrote beside them"
    return None


def unwritten_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Asks whether what stood in the memory before makes no difference."""
    first, second = (encoded(planes, positions, mark) for mark in MARKS)
    return difference(first, second, "planes must be written completely, these depend on what stood there before")


def overwriting_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Asks whether planes written over those of other positions, where what stands already is left, are right."""
    features, other = FeatureSet([planes]), positions[::-1]
    canvas = features.canvas(encoded(planes, positions, MARKS[1]))
    features.encode_over(other, canvas)
    written = features.encode_over(positions, canvas)
    return difference(encoded(planes, positions), written, "planes written over others must be those written anew")


def repetition_problem(planes: FeaturePlanes, positions: Positions) -> str | None:
    """Asks whether a second call writes the same, and leaves alone what the first one wrote."""
    first = encoded(planes, positions)
    before = first.copy()
    second = encoded(planes, positions)
    kept = "encode must not keep the planes that it is given, a second call changed those of the first"
    return difference(before, first, kept) or difference(first, second, "encoding twice must give the same")


QUESTIONS: Final[tuple[Callable[[FeaturePlanes, Positions], str | None], ...]] = (
    overflow_problem,
    input_problem,
    neighbour_problem,
    repetition_problem,
    unwritten_problem,
    overwriting_problem,
)


def encoded(planes: FeaturePlanes, positions: Positions, mark: int = 0) -> UInt8Array:
    """Returns planes written over memory that holds `mark` everywhere, uint8 [N, c, 9, 9]."""
    out = np.full((len(positions), len(planes.channels), 9, 9), mark, np.uint8)
    return FeatureSet([planes]).encode(positions, out)


def difference(expected: UInt8Array, got: UInt8Array, complaint: str) -> str | None:
    """Adds to a complaint where two arrays of planes differ first; None where they are equal."""
    different = np.argwhere(expected != got) if expected.shape == got.shape else np.zeros((1, 4), np.int64)
    if not len(different):
        return None
    position, channel, file, rank = different[0]
    return f"{complaint}: first at position {position}, channel {channel}, file {file}, rank {rank}"


class _Watched(np.ndarray[Any, np.dtype[np.uint8]]):
    """An array that refuses what a byte can't hold, where numpy would cut it off without a word."""

    def __setitem__(self, key: Any, value: Any) -> None:
        given = np.asarray(value)
        fits = given.dtype == np.uint8 or bool(((given >= 0) & (given <= LARGEST) & (given == given // 1)).all())
        if not fits:
            raise OverflowError(f"{given.dtype} {_extremes(given)}")
        super().__setitem__(key, value)

    def fill(self, value: Any) -> None:
        """Fills the array as an assignment would."""
        self[...] = value


def _extremes(values: NDArray[Any]) -> str:
    return f"{values.min()} to {values.max()}"
