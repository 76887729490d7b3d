"""Where games begin."""

from collections.abc import Sequence
from typing import Self

import attrs
import numpy as np

from keisei_core.config.named_starts import NAMED_STARTS
from keisei_core.errors import SfenError
from keisei_core.shogi.actions import NUM_ACTIONS
from keisei_core.shogi.legal import find_legal, legal_mask
from keisei_core.shogi.positions import OPPONENT, PIECE_LETTERS, Positions
from keisei_core.shogi.sfen import format_sfen, parse_sfen


def begun_anew(positions: Positions) -> Positions:
    """Copies positions as those of games without a past: they have not stood before, and none stood before them.

    Whether the mover is in check is found anew.

    Raises:
        ValueError: One of them has not one king of each side; no ending is known for such a game.
    """
    check_kings(positions)
    copies = positions.with_history(0)[np.arange(len(positions))]
    copies.repetition[:] = 0
    copies.in_check[:] = find_legal(copies, np.empty((len(copies), NUM_ACTIONS), np.uint8))[1]
    return copies


def check_kings(positions: Positions, least: int = 1) -> None:
    """Refuses positions that no game can begin with.

    Args:
        positions: N positions.
        least: kings of each side at least; 0 for problems, where one may be missing.

    Raises:
        ValueError: One of them has not one king of each side; no ending is known for such a game.
    """
    king = PIECE_LETTERS.index("K")
    for code, side in ((king, "mover"), (king + OPPONENT, "opponent")):
        counts = (positions.board == code).sum(axis=1)
        for row in np.flatnonzero((counts < least) | (counts > 1)):
            raise ValueError(
                f"expected one king each in a start position, got {counts[row]} of the {side} in row {row}"
            )


@attrs.frozen(eq=False)
class Starts:
    """Start positions, each as likely as the others, and how many random plies are played from them.

    Random plies count as plies of the game. Where they would end the game it begins without them.
    """

    positions: Positions = attrs.field(converter=begun_anew)
    random_plies: int = 0
    """Each game begins after min_random_plies..random_plies random legal plies, each number as likely."""
    min_random_plies: int = 0

    def __attrs_post_init__(self) -> None:
        if len(self.positions) == 0:
            raise ValueError("expected at least one start position, got none")
        if not 0 <= self.min_random_plies <= self.random_plies:
            raise ValueError(
                f"random plies must be 0 <= least <= most, got {self.min_random_plies} to {self.random_plies}"
            )

    @classmethod
    def standard(cls, random_plies: int = 0, mirror: bool = False, min_random_plies: int = 0) -> Self:
        """Begins from the start position; with `mirror`, half of the games from the left-right mirrored one."""
        return cls.from_sfens(["startpos"], random_plies, min_random_plies, mirror)

    @classmethod
    def from_sfens(
        cls, sfens: Sequence[str], random_plies: int = 0, min_random_plies: int = 0, mirror: bool = False
    ) -> Self:
        """Begins from positions written as SFEN or named (`NAMED_STARTS`); with `mirror`, as often left-right mirrored.

        Raises:
            SfenError: One of them is malformed.
            ValueError: The list is empty.
        """
        if not sfens:
            raise ValueError("expected at least one start position, got none")
        positions = join([parse_sfen(NAMED_STARTS.get(sfen, sfen)) for sfen in sfens])
        if mirror:
            positions = join([positions, mirror_positions(positions)])
        return cls(positions, random_plies, min_random_plies)


def join(parts: Sequence[Positions]) -> Positions:
    """Puts positions one after the other."""
    names = parts[0].arrays()
    return Positions.from_arrays({name: np.concatenate([part.arrays()[name] for part in parts]) for name in names})


def mirror_positions(positions: Positions) -> Positions:
    """Mirrors positions left to right, with those before them; a mirrored position is as legal as the first."""
    mirrored = positions[np.arange(len(positions))]
    for board, own in ((positions.board, mirrored.board), (positions.earlier_board, mirrored.earlier_board)):
        own[:] = board.reshape(*board.shape[:-1], 9, 9)[..., ::-1, :].reshape(board.shape)
    squares = positions.last_moves
    file, rank = squares // 9, squares % 9
    mirrored.last_moves[:] = np.where(squares < 81, (8 - file.astype(np.int64)) * 9 + rank, squares)
    return mirrored


def check_playable(positions: Positions, max_plies: int) -> None:
    """Refuses start positions in which no move is left or that stand at the cap.

    Raises:
        SfenError: Names the first such position.
    """
    num_legal = legal_mask(positions).sum(axis=1)
    for row in np.flatnonzero((num_legal == 0) | (positions.ply >= max_plies)):
        reason = "has no legal move" if num_legal[row] == 0 else f"stands at max_plies ({max_plies}) already"
        sfen = format_sfen(positions, int(row))
        raise SfenError(f"expected a start position that can be played on, got one that {reason}: {sfen!r}")
