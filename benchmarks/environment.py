"""Speed of the batched environment, beside libraries that know the rules.

    python benchmarks/environment.py [--json] [--rounds 7]

One step of one game = its legal moves as a mask of 2,187, its 46 core planes as uint8, one random legal move played,
and a new game where one ended. All drivers run in this process, in turn, on the same machine; figures are medians
over the rounds, ratios are medians of the ratios within a round. README.md beside this file explains the keys.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Protocol

import cshogi
import cshogi.dlshogi
import numpy as np
from rsshogi.core import Board
from rsshogi.policy import move_label
from rsshogi.types import Color

from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.shogi import NUM_ACTIONS, START_SFEN, Games, Starts, legal_mask, parse_sfen, perft
from keisei_plugins_features.core46 import Core46

MAX_PLIES = 512
BATCHES = (64, 256, 1024)
MAIN_BATCH = 256
SLICE_S = 0.4
"""Time that each driver runs in a round."""
START = """
import time
started = time.perf_counter()
from keisei_core.observe import FeatureSet, PlaneContext
from keisei_core.shogi import Games
from keisei_plugins_features.core46 import Core46
games, features = Games(64), FeatureSet([Core46(PlaneContext(max_plies=512))])
games.step(games.sample())
features.encode(games.positions)
print(time.perf_counter() - started)
"""


class Driver(Protocol):
    """A batch of games that can be stepped."""

    num_games: int

    def step(self) -> None:
        """Writes masks and planes of all games, and plays one random move in each."""


class Keisei:
    """The environment under test."""

    def __init__(self, num_games: int, num_threads: int = 1) -> None:
        self.num_games = num_games
        self.games = Games(num_games, max_plies=MAX_PLIES, num_threads=num_threads)
        self.features = FeatureSet([Core46(PlaneContext(max_plies=MAX_PLIES))])
        self.planes = self.features.encode(self.games.positions)

    def step(self) -> None:
        """Plays, which also writes the masks, and encodes."""
        self.games.step(self.games.sample())
        self.features.encode(self.games.positions, self.planes)


class Planes:
    """The 46 planes of a batch from lists of pieces, by numpy: codes 1..14 black, plus `white` for white."""

    def __init__(self, num_games: int, white: int) -> None:
        self.boards = np.zeros((num_games, 81), np.uint8)
        self.hands = np.zeros((num_games, 14), np.uint8)
        self.planes = np.zeros((num_games, 46, 81), np.uint8)
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

    def __init__(self, side: int) -> None:
        self.side = side

    def __missing__(self, move: int) -> int:
        label = self[move] = cshogi.dlshogi.make_move_label(move, self.side)
        return label


class Cshogi:
    """cshogi's boards (C++), driven from Python: labels by table, planes by numpy over the batch."""

    def __init__(self, num_games: int) -> None:
        self.num_games = num_games
        self.boards = [cshogi.Board() for _ in range(num_games)]
        self.masks = np.zeros((num_games, NUM_ACTIONS), np.uint8)
        self.planes = Planes(num_games, white=16)
        self.labels = Labels(0), Labels(1)
        self.random = np.random.default_rng(0)

    def step(self) -> None:
        """Steps one board after the other; a game ends without a move, on a draw or at the cap."""
        planes, draws = self.planes, self.random.random(self.num_games)
        found: list[list[int]] = []
        for row, board in enumerate(self.boards):
            moves = list(board.legal_moves)
            if not moves or board.move_number > MAX_PLIES or board.is_draw() == cshogi.REPETITION_DRAW:
                board.reset()
                moves = list(board.legal_moves)
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
            moves = list(board.legal_moves)
            if not moves or board.move_number > MAX_PLIES or board.is_draw() == cshogi.REPETITION_DRAW:
                board.reset()
                moves = list(board.legal_moves)
            labels = self.labels[board.turn]
            found.append([labels[move & 0xFFFF] for move in moves])
            (board.piece_planes_rotate if board.turn else board.piece_planes)(self.features[row])
            board.push(moves[int(draws[row] * len(moves))])
        write_masks(self.masks, found)


class Rsshogi:
    """rsshogi's boards (Rust), driven from Python: its own labels, planes by numpy over the batch."""

    def __init__(self, num_games: int) -> None:
        self.num_games = num_games
        self.boards = [Board() for _ in range(num_games)]
        self.masks = np.zeros((num_games, NUM_ACTIONS), np.uint8)
        self.planes = Planes(num_games, white=16)
        self.random = np.random.default_rng(0)
        self.white_to_move = np.zeros(num_games, np.bool_)
        self.plies = np.zeros(num_games, np.int64)

    def step(self) -> None:
        """Steps one board after the other; a game ends without a move, on repetition or at the cap."""
        planes, draws = self.planes, self.random.random(self.num_games)
        found: list[list[int]] = []
        for row, board in enumerate(self.boards):
            moves = board.legal_moves()
            if not moves or board.game_ply > MAX_PLIES or board.is_repetition():
                self.boards[row] = board = Board()
                moves = board.legal_moves()
            turn = board.turn
            found.append([move_label(move, turn) for move in moves])
            state = board.to_position_state()
            planes.boards[row] = np.frombuffer(bytes(map(int, state.board)), np.uint8)
            planes.hands[row] = [*board.hand_counts(Color.BLACK).values(), *board.hand_counts(Color.WHITE).values()]
            self.white_to_move[row], self.plies[row] = turn == Color.WHITE, board.game_ply - 1
            board.apply_move(moves[int(draws[row] * len(moves))])
        write_masks(self.masks, found)
        planes.write(self.white_to_move, self.plies)


def steps_per_s(driver: Driver) -> float:
    """Runs a driver for a while and returns steps of single games per second."""
    started, steps = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - started) < SLICE_S:
        driver.step()
        steps += driver.num_games
    return steps / elapsed


def measure(drivers: dict[str, Driver], rounds: int) -> dict[str, list[float]]:
    """Runs all drivers in turn, round after round; one round before is not counted."""
    for driver in drivers.values():
        driver.step()
        steps_per_s(driver)
    results: dict[str, list[float]] = {name: [] for name in drivers}
    for _ in range(rounds):
        for name, driver in drivers.items():
            results[name].append(steps_per_s(driver))
    return results


def generate_ns(rounds: int) -> float:
    """Returns the time of the legal moves of one position, over fresh positions of 4,096 random games."""
    games = Games(4096, starts=Starts.standard(random_plies=200))
    legal = np.zeros((256, NUM_ACTIONS), np.uint8)
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        for low in range(0, 4096, 256):
            legal_mask(games.positions[low : low + 256], legal)
        times.append((time.perf_counter() - started) / 4096 * 1e9)
        games.step(games.sample())
    return median(times)


def seconds(function: Callable[[], object]) -> float:
    """Returns how long one call takes."""
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def start_seconds(cache: str) -> float:
    """Returns how long a fresh process takes from its first import to its first step and planes."""
    environment = os.environ | {"NUMBA_CACHE_DIR": cache}
    output = subprocess.run([sys.executable, "-c", START], env=environment, capture_output=True, text=True, check=True)
    return float(output.stdout)


def report(rounds: int) -> dict[str, object]:
    """Measures everything."""
    libraries: dict[str, Driver] = {
        "cshogi": Cshogi(MAIN_BATCH),
        "cshogi_own_planes": CshogiPlanes(MAIN_BATCH),
        "rsshogi": Rsshogi(MAIN_BATCH),
    }
    engines: dict[str, Driver] = {str(batch): Keisei(batch) for batch in BATCHES}
    results = measure({**engines, **libraries}, rounds)
    threads = measure({"1": Keisei(MAIN_BATCH), "2": Keisei(MAIN_BATCH, num_threads=2)}, rounds)
    main = str(MAIN_BATCH)
    medians = {name: median(values) for name, values in results.items()}
    fastest = max(libraries, key=lambda name: medians[name])
    ratios = [own / other for own, other in zip(results[main], results[fastest], strict=True)]
    start = parse_sfen(START_SFEN)
    perft(start, 1)
    with tempfile.TemporaryDirectory() as cache:
        cold_s, warm_s = start_seconds(cache), start_seconds(cache)
    return {
        "steps_per_s": medians[main],
        "steps_per_s_by_batch": {batch: medians[batch] for batch in engines},
        "library": fastest,
        "library_steps_per_s": {name: medians[name] for name in libraries},
        "ratio_library": median(ratios),
        "ratio_threads": median(two / one for one, two in zip(threads["1"], threads["2"], strict=True)),
        "generate_ns": generate_ns(rounds),
        "perft5_s": median(seconds(lambda: perft(start, 5)) for _ in range(3)),
        "bytes_per_game": sum(array.nbytes for array in Games(64).state().values()) / 64,
        "cold_s": cold_s,
        "warm_s": warm_s,
        "rounds": rounds,
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
    }


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--rounds", type=int, default=7, help="rounds to take medians over (7)")
    arguments = parser.parse_args()
    figures = report(arguments.rounds)
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:24} {value:,.2f}" if isinstance(value, float) else f"{name:24} {value}")


if __name__ == "__main__":
    main()
