"""What the network said of positions, kept for when they come up again.

Shape key: L positions, A = 2,187 actions.
"""

from collections import OrderedDict
from hashlib import blake2b
from typing import Final

import numpy as np

from keisei_core.evaluate import Evaluator
from keisei_core.shogi import Positions, UInt8Array
from keisei_plugins_search.nodes import Float32Array

KEY_BYTES: Final = 16
"""Of a digest: two positions have the same by accident once in 1e19 pairs."""


Answer = tuple[Float32Array, np.float32]
"""Logits of the legal moves in the order of their numbers, and the value."""


class EvaluationCache:
    """The latest so many positions, by all that the network sees of them: board, hands and planes.

    A position is thus found again on another way and in another tree, but not where the network sees more than the
    board, such as the last move. What it said is the same but for rounding, which depends on the batch.
    """

    def __init__(self, evaluator: Evaluator, most: int) -> None:
        """Remembers nothing yet.

        Args:
            evaluator: the network, whose weights must stay.
            most: positions kept, some 500 bytes each: those that were not asked for longest are forgotten.
        """
        self.evaluator: Final = evaluator
        self.most: Final = most
        self.num_found = 0
        """Positions that the network was not asked about."""
        self._kept: OrderedDict[bytes, Answer] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def evaluate(self, positions: Positions, legal: UInt8Array) -> tuple[Float32Array, Float32Array]:
        """Returns logits float32 [L, A], 0 where a move is not legal, and values float32 [L], -1 to 1.

        Args:
            positions: L positions.
            legal: uint8 [L, A], all their legal moves; none where only the value is wanted.
        """
        keys = self._keys(positions)
        unknown = np.array([row for row, key in enumerate(keys) if key not in self._kept], np.int64)
        self.num_found += len(keys) - len(unknown)
        answers = {key: self._kept[key] for key in keys if key in self._kept}
        if len(unknown):
            given = self.evaluator.raw(positions[unknown] if len(unknown) < len(keys) else positions)
            for row, logits, value in zip(unknown, *(numbers.cpu().numpy() for numbers in given), strict=True):
                # Of positions that look alike one may be cut off: what is known of the other's moves stays.
                if keys[row] not in answers or legal[row].any():
                    answers[keys[row]] = logits[legal[row] != 0], np.clip(value, np.float32(-1), np.float32(1))
        found = np.zeros(legal.shape, np.float32), np.zeros(len(keys), np.float32)
        for row, key in enumerate(keys):
            mask = legal[row] != 0
            found[1][row] = answers[key][1]
            if mask.any():
                found[0][row, mask] = answers[key][0]
                self._keep(key, answers[key])
        return found

    def _keys(self, positions: Positions) -> list[bytes]:
        seen = zip(positions.board, positions.hands, self.evaluator.features.encode(positions), strict=True)
        return [blake2b(b"".join(map(np.ndarray.tobytes, row)), digest_size=KEY_BYTES).digest() for row in seen]

    def _keep(self, key: bytes, answer: Answer) -> None:
        """Keeps an answer as the latest, and forgets the oldest where there are too many."""
        self._kept[key] = answer
        self._kept.move_to_end(key)
        if len(self._kept) > self.most:
            self._kept.popitem(last=False)
