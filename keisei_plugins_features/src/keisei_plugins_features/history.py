"""Planes of the positions before the present one, as AlphaZero's networks see them."""

from collections.abc import Iterator
from itertools import chain
from typing import Final, final

from keisei_core.observe import Channel, Needs, PlaneContext, SharedPlanes
from keisei_core.shogi.positions import Positions, UInt8Array
from keisei_plugins_features import kernels
from keisei_plugins_features.options import HistoryOptions
from keisei_plugins_features.pieces import BOARD_WORDS, HAND_KINDS, MOST_IN_HAND, PIECE_CODES, SIDES


@final
class History(SharedPlanes):
    """44 planes an earlier position: pieces on the board (28), in hand (14), stood once before, twice (2).

    All in the view of the mover now, the latest position first; planes of positions that never were are empty. With
    core46, whose first planes are the same of the present position, the seven earlier ones make AlphaZero's eight.
    """

    def __init__(self, context: PlaneContext, options: HistoryOptions) -> None:
        del context
        self._channels: Final = tuple(chain.from_iterable(map(_channels_of, range(1, options.earlier + 1))))
        self._needs: Final = Needs(history=options.earlier)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels of the latest position before, then of the one before it, and so on."""
        return self._channels

    @property
    def needs(self) -> Needs:
        """The positions shown."""
        return self._needs

    def bind(
        self,
        place: UInt8Array,
        positions: Positions,
        memory: UInt8Array,
        row_stride: int,
        notes: UInt8Array,
        notes_stride: int,
    ) -> int:
        """Writes uint8 [N, 44 * earlier, 9, 9]."""
        return kernels.bind_history(place, positions.history, PIECE_CODES, HAND_KINDS, memory, row_stride)


def _channels_of(back: int) -> Iterator[Channel]:
    """Yields the channels of the position so many plies back."""
    yield from (Channel(f"history_{back}_{side}_{word}") for side in SIDES for word in BOARD_WORDS.values())
    for side in SIDES:
        for letter, most in MOST_IN_HAND.items():
            yield Channel(f"history_{back}_{side}_hand_{BOARD_WORDS[letter]}", 1 / most)
    yield from (Channel(f"history_{back}_repetition_{times}") for times in (1, 2))
