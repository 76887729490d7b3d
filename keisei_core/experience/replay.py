"""The last segments of a run, kept to be learned from again, and how they go into a checkpoint."""

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keisei_core.experience.segment import Segment
from keisei_core.experience.soundness import require_sound_segment
from keisei_core.shogi import Positions

Arrays = dict[str, NDArray[Any]]
PARTS = ("positions", "after", "cut")
FIELDS = ("learned", "action", "ending", "cut_rows")


class Replay:
    """At most so many segments, in the order in which they were played."""

    def __init__(self, size: int) -> None:
        self.segments: deque[Segment] = deque(maxlen=size)

    def __len__(self) -> int:
        return len(self.segments)

    def add(self, segment: Segment) -> None:
        """Takes in the newest, in the place of the oldest where there is no room."""
        self.segments.append(segment)

    @property
    def num_bytes(self) -> int:
        """Memory of all segments in bytes."""
        return sum(segment.num_bytes for segment in self.segments)

    def state(self) -> tuple[Arrays, dict[str, Any]]:
        """Returns the segments as arrays named `<number>.<array>`, and plain data."""
        arrays = {f"{n}.{name}": a for n, segment in enumerate(self.segments) for name, a in arrays_of(segment)}
        return arrays, {"segments": [data_of(segment) for segment in self.segments]}

    def load_state(self, arrays: Mapping[str, NDArray[Any]], data: Mapping[str, Any]) -> None:
        """Takes back what `state` gave.

        Raises:
            LookupError, ValueError: it is of something else, or compiled code would reach beside its arrays.
        """
        self.segments.clear()
        for number, facts in enumerate(data["segments"]):
            prefix = f"{number}."
            own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            segment = segment_of(own, facts)
            require_sound_segment(segment)
            self.add(segment)


def arrays_of(segment: Segment) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yields the arrays of a segment by name, but for those of nothing."""
    named: Arrays = {name: getattr(segment, name) for name in FIELDS}
    named |= {f"columns.{name}": array for name, array in segment.columns.items()}
    for part in PARTS:
        named |= {f"{part}.{name}": array for name, array in getattr(segment, part).arrays().items()}
    named["begun"] = np.concatenate(segment.begun)
    yield from ((name, array) for name, array in named.items() if array.size)


def data_of(segment: Segment) -> dict[str, Any]:
    """Returns what is no array of a segment."""
    return {
        "version": segment.version,
        "num_earlier": segment.num_earlier,
        "num_cut": len(segment.cut),
        "begun": [len(games) for games in segment.begun],
    }


def segment_of(arrays: Mapping[str, NDArray[Any]], data: Mapping[str, Any]) -> Segment:
    """Makes the segment of which `arrays_of` and `data_of` told."""
    num_plies, num_games = arrays["action"].shape
    num_cut, num_earlier, begun = data["num_cut"], data["num_earlier"], data["begun"]
    sizes = num_plies * num_games, num_games, num_cut
    positions, after, cut = (
        positions_of(arrays, part, size, 0 if part == "positions" else num_earlier)
        for part, size in zip(PARTS, sizes, strict=True)
    )
    pasts = arrays.get("begun", np.zeros((sum(begun), num_earlier, cut.history.shape[2]), np.uint8))
    return Segment(
        positions=positions,
        after=after,
        cut=cut,
        learned=arrays["learned"],
        action=arrays["action"],
        ending=arrays["ending"],
        cut_rows=arrays.get("cut_rows", np.zeros(0, np.int64)),
        columns={name.removeprefix("columns."): a for name, a in arrays.items() if name.startswith("columns.")},
        version=data["version"],
        begun=np.split(pasts, np.cumsum(begun)[:-1]),
    )


def positions_of(arrays: Mapping[str, NDArray[Any]], part: str, size: int, num_earlier: int) -> Positions:
    """Returns the positions of one part of a segment; arrays that are not there are of nothing."""
    empty = Positions.empty(size, num_earlier)
    return Positions.from_arrays({name: arrays.get(f"{part}.{name}", a) for name, a in empty.arrays().items()})
