"""Libraries that know the rules, each driven from Python in the best form we know; needs cshogi, rsshogi and nshogi.

Every driver writes the masks and planes of a batch, plays one random move in each game, and begins ended games anew.
Labels are each library's own numbers; the work is the same.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, Final

import numpy as np

from keisei_core.shogi import NUM_ACTIONS

MAX_PLIES: Final = 512
NUM_PLANES: Final = 46
START: Final = "lnsgkgsnl/1r5b1/ppppppppp/9/9/9/PPPPPPPPP/1B5R1/LNSGKGSNL b - 1"


class Planes:
    """The 46 planes of a batch from lists of pieces, by numpy: codes 1..14 black, plus `white` for white."""

    def __init__(self, num_games: int, white: int) -> None:
        self.boards = np.zeros((num_games, 81), np.uint8)
        self.hands = np.zeros((num_games, 14), np.uint8)
        self.planes = np.zeros((num_games, NUM_PLANES, 81), np.uint8)
        self.swap = np.zeros(256, np.uint8)
        self.swap[1:15], self.swap[white + 1 : white + 15] = range(white + 1, white + 15), range(1, 15)
        self.codes = [*range(1, 15), *range(white + 1, white + 15)]

    def write(self, white_to_move: np.ndarray, plies: np.ndarray) -> None:
        """Turns the boards of games with White to move and writes all planes."""
        boards = np.where(white_to_move[:, None], self.swap[self.boards[:, ::-1]], self.boards)
        hands = np.where(white_to_move[:, None], np.roll(self.hands, 7, axis=1), self.hands)
        for plane, code in enumerate(self.codes):
            self.planes[:, plane] = boards == code
        self.planes[:, 28:42] = hands[:, :, None]
        self.planes[:, 42] = ~white_to_move[:, None]
        self.planes[:, 43] = (plies * 255 // MAX_PLIES)[:, None]
        self.planes[:, 44] = 1


def write_masks(masks: np.ndarray, found: list[list[int]]) -> None:
    """Writes the masks of a batch from lists of labels, all at once."""
    masks[:] = 0
    masks[np.repeat(np.arange(len(found)), [len(labels) for labels in found]), np.concatenate(found)] = 1


class Labels(dict[int, int]):
    """Labels of cshogi's moves for one side, each found once."""

    def __init__(self, side: int, make_label: Callable[[int, int], int]) -> None:
        self.side, self.make_label = side, make_label

    def __missing__(self, move: int) -> int:
        label = self[move] = self.make_label(move, self.side)
        return label


class Cshogi:
    """cshogi's boards (C++): labels by table, planes by numpy over the batch."""

    def __init__(self, num_games: int) -> None:
        import cshogi
        import cshogi.dlshogi

        self.num_games = num_games
        self.draw = cshogi.REPETITION_DRAW
        self.boards = [cshogi.Board() for _ in range(num_games)]
        self.masks = np.zeros((num_games, NUM_ACTIONS), np.uint8)
        self.planes = Planes(num_games, white=16)
        self.labels = [Labels(side, cshogi.dlshogi.make_move_label) for side in range(2)]
        self.random = np.random.default_rng(0)

    def moves(self, board: Any) -> list[int]:
        """Returns the legal moves; a game ends without one, on a draw or at the cap, and begins anew."""
        moves = list(board.legal_moves)
        if not moves or board.move_number > MAX_PLIES or board.is_draw() == self.draw:
            board.reset()
            moves = list(board.legal_moves)
        return moves

    def step(self) -> None:
        """Steps one board after the other."""
        planes, draws = self.planes, self.random.random(self.num_games)
        found: list[list[int]] = []
        for row, board in enumerate(self.boards):
            moves = self.moves(board)
            labels = self.labels[board.turn]
            found.append([labels[move & 0xFFFF] for move in moves])
            planes.boards[row] = np.frombuffer(bytes(board.pieces), np.uint8)
            black, white = board.pieces_in_hand
            planes.hands[row] = black + white
            board.push(moves[int(draws[row] * len(moves))])
        write_masks(self.masks, found)
        turns = np.array([board.turn for board in self.boards]) == 0
        planes.write(turns, np.array([board.move_number for board in self.boards]) - 2)


class CshogiPlanes(Cshogi):
    """cshogi with its own compiled planes: 104 float32 planes of pieces and hands, not 46 of uint8."""

    def __init__(self, num_games: int) -> None:
        super().__init__(num_games)
        self.features = np.zeros((num_games, 104, 9, 9), np.float32)

    def step(self) -> None:
        """Steps one board after the other."""
        draws = self.random.random(self.num_games)
        found: list[list[int]] = []
        self.features[:] = 0
        for row, board in enumerate(self.boards):
            moves = self.moves(board)
            labels = self.labels[board.turn]
            found.append([labels[move & 0xFFFF] for move in moves])
            (board.piece_planes_rotate if board.turn else board.piece_planes)(self.features[row])
            board.push(moves[int(draws[row] * len(moves))])
        write_masks(self.masks, found)


class Rsshogi:
    """rsshogi's boards (Rust): its own labels, planes by numpy over the batch."""

    def __init__(self, num_games: int) -> None:
        from rsshogi.core import Board
        from rsshogi.policy import move_label
        from rsshogi.types import Color

        self.num_games, self.new_board, self.label = num_games, Board, move_label
        self.black, self.white = Color.BLACK, Color.WHITE
        self.boards = [Board() for _ in range(num_games)]
        self.masks = np.zeros((num_games, NUM_ACTIONS), np.uint8)
        self.planes = Planes(num_games, white=16)
        self.random = np.random.default_rng(0)
        self.white_to_move = np.zeros(num_games, np.bool_)
        self.plies = np.zeros(num_games, np.int64)

    def step(self) -> None:
        """Steps one board after the other; a game ends without a move, on repetition or at the cap."""
        planes, draws, label = self.planes, self.random.random(self.num_games), self.label
        found: list[list[int]] = []
        for row, board in enumerate(self.boards):
            moves = board.legal_moves()
            if not moves or board.game_ply > MAX_PLIES or board.is_repetition():
                self.boards[row] = board = self.new_board()
                moves = board.legal_moves()
            turn = board.turn
            found.append([label(move, turn) for move in moves])
            state = board.to_position_state()
            planes.boards[row] = np.frombuffer(bytes(map(int, state.board)), np.uint8)
            planes.hands[row] = [*board.hand_counts(self.black).values(), *board.hand_counts(self.white).values()]
            self.white_to_move[row], self.plies[row] = turn == self.white, board.game_ply - 1
            board.apply_move(moves[int(draws[row] * len(moves))])
        write_masks(self.masks, found)
        planes.write(self.white_to_move, self.plies)


class Nshogi:
    """nshogi's states (C++): its own labels, and 46 float32 planes of its own kinds, written by its compiled code."""

    def __init__(self, num_games: int) -> None:
        from nshogi import RepetitionStatus, StateConfig, io, ml

        self.num_games, self.label, self.stack = num_games, ml.move_to_index, ml.FeatureStack
        self.no_repetition = RepetitionStatus.NO_REPETITION
        self.new_state = lambda: io.sfen.make_state_from_sfen(START)
        self.states = [self.new_state() for _ in range(num_games)]
        self.config = StateConfig()
        self.kinds = [kind for name, kind in ml.FeatureType.__members__.items() if "SCORE" not in name][:NUM_PLANES]
        self.masks = np.zeros((num_games, NUM_ACTIONS), np.uint8)
        self.features = np.zeros((num_games, NUM_PLANES, 9, 9), np.float32)
        self.random = np.random.default_rng(0)

    def step(self) -> None:
        """Steps one state after the other; a game ends without a move, on repetition or at the cap."""
        draws, label, kinds, config = self.random.random(self.num_games), self.label, self.kinds, self.config
        found: list[list[int]] = []
        for row, state in enumerate(self.states):
            moves = state.legal_moves
            if not moves or state.ply >= MAX_PLIES or state.get_repetition(True) != self.no_repetition:
                self.states[row] = state = self.new_state()
                moves = state.legal_moves
            color = state.side_to_move
            found.append([label(color, move, True) for move in moves])
            self.features[row] = self.stack(kinds, state, config).to_numpy()
            state.do_move(moves[int(draws[row] * len(moves))])
        write_masks(self.masks, found)


DRIVERS: Final[dict[str, tuple[str, Callable[[int], Any]]]] = {
    "cshogi": ("cshogi", Cshogi),
    "cshogi_own_planes": ("cshogi", CshogiPlanes),
    "rsshogi": ("rsshogi", Rsshogi),
    "nshogi": ("nshogi", Nshogi),
}
"""Package that a driver needs, and the driver."""


def installed_drivers(num_games: int) -> dict[str, Any]:
    """Makes the drivers of the libraries that are installed; None stands for one that is not."""
    return {name: driver(num_games) if find_spec(package) else None for name, (package, driver) in DRIVERS.items()}
